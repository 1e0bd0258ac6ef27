-- Makes the rooms of the tests when the server starts: permanent ones, open to everyone unless said otherwise.

local muc = module:depends("muc");
local stanza = require "util.stanza";
local archive = module:open_store("muc_log", "archive");

for _, wanted in ipairs(module:get_option_array("venues_rooms", {})) do
	local jid = wanted.name .. "@" .. module.host;
	local room = assert(muc.create_room(jid));
	room:set_persistent(true);
	room:set_public(wanted.public ~= false);
	room:set_members_only(wanted.members_only == true);
	room:set_name(wanted.title);
	room:set_description(wanted.description);
	room:set_language(wanted.language);
	room:save(true);
	for _, line in ipairs(wanted.said or {}) do
		local message = stanza.message({ type = "groupchat"; from = jid .. "/" .. line.nick }, line.text);
		archive:append(wanted.name, nil, message, line.at, "message<groupchat");
	end
end

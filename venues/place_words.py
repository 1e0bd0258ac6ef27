"""The words that tell where a place is named, and those that only look like one.

Kept by hand. All are normalised as `venues.placenames.normalise` writes names.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.replace("\n", " ").split(";") if phrase.strip())


LOCATING: Final = {
    **dict.fromkeys(_words("in near around across throughout outside within inside nearby round between"), 3.0),
    "on": 2.5, "at": 2.2, "from": 2.0, "of": 2.0, "to": 1.5, "for": 1.2,
}  # fmt: skip
"""Words that a place may follow, and how surely."""

PLAIN: Final = frozenset(word for word, strength in LOCATING.items() if strength == 3.0)
"""Those of them after which a capitalised word that is no place we know is a place we do not know."""

DWELLING: Final = _words(
    "live lives living based located residing resident reside situated born who that are is currently"
)
"""Words before a place that go with it: "who live in Leeds"."""

PARTS: Final = _words(
    "city town village borough county district centre center heart middle suburbs outskirts area areas part parts "
    "region north south east west side edge university outside rest whole all"
)
"""What "of" and a place may follow as a part of the place's name: "the suburbs of Leeds"."""

CONNECTING: Final = _words(
    "who that which whose with without and or but for aged over under wanting needing seeking trying like looking "
    "interested then when where while if because since after before during through by as into about not also only "
    "are is were was have has had want need feel love like hate do can will would the a an to on is vs versus"
)
"""Words that do not continue a place's name, but the sentence."""

RESIDENTS: Final = _words(
    "residents resident people inhabitants citizens villagers townspeople locals neighbours tenants renters homeowners "
    "women men mums mothers moms dads fathers parents families children kids teenagers pensioners students youth "
    "youngsters workers families population public voters communities community muslims christians jews sikhs hindus "
    "ratepayers taxpayers folk folks girls boys lads ladies seniors elders shopkeepers traders businesses householders"
)
"""Whom "of" and a place may follow: "residents of Hove", but not "fans of Chelsea"."""

PEOPLE: Final = RESIDENTS | _words(
    "mum mom dad parent carers carer grandparents nans couples singles professionals graduates commuters expats "
    "migrants immigrants refugees veterans nurses teachers doctors drivers landlords retirees toddlers babies twins "
    "mummies daddies teens adults students newcomers foodies musicians artists freelancers volunteers vegans "
    "vegetarians runners joggers cyclists swimmers walkers ramblers gardeners allotmenteers gamers knitters "
    "photographers churchgoers homeschoolers allotment dog neighbours lgbt lgbtq queer gay lesbian trans deaf disabled "
    "autistic farmers growers crafters makers students pupils learners speakers climbers hikers "
    "bikers surfers sailors anglers collectors singers dancers"
)
"""Words that, after a word that may be a place, make it one: "Reading mums"."""

INSTITUTIONS: Final = _words(
    "airport beach campus castle cathedral college common council docks festival harbour hospital hospitals "
    "market park "
    "pier pride prison quay road school schools square station street synagogue mosque temple church university zoo"
)
"""What a place may be said of, so that its own name ends before it: "Stansted Airport"."""

FOLLOWERS: Final = _words("fans fan supporters supporter ultras followers")
TEAMS: Final = _words("united rovers wanderers fc afc rfc albion athletic hotspur argyle orient")
"""Words that make a club of a place."""
CLUBS: Final = _words(
    "united city town rovers wanderers fc afc albion athletic county hotspur villa palace forest wednesday argyle "
    "rangers orient alexandra stanley hibernian hearts thistle rfc cc rhinos saints tigers warriors wolves"
)

MODIFIERS: Final = _words(
    "the a central inner outer north south east west northern southern eastern western mid greater north-east "
    "north-west south-east south-west northeast northwest southeast southwest upper lower downtown rural urban "
    "all of most parts beautiful sunny city town village borough county local deepest metropolitan and around "
    "in near"
)
"""Words that may stand between a locating word and a place without being part of its name."""

TRAILING: Final = _phrases(
    """area; areas; region; city centre; town centre; city; town; centre; center; suburbs; borough; county; district;
    and surrounding areas; and the surrounding area; and surrounding area; and the surrounding areas; and surrounds;
    and nearby; and beyond; and district; and environs; and around; itself; metropolitan area; local area"""
)
"""What may follow a place as a part of the phrase that names it."""

ISLANDS: Final = _words(
    "skye anglesey orkney shetland jersey guernsey wirral mull arran lewis harris bute islay jura iona barra uist "
    "sheppey thanet wight scilly portland mersea canvey hayling sark alderney man merseyside tyneside teesside "
    "wearside humberside deeside speyside clydeside tayside malta cyprus ibiza tenerife"
)
"""Places that one is on, not in."""

NEVER: Final = _words(
    """
    a academia accommodation act acting action addiction addition adhd adolescence adoption agriculture ai alcohol
    all allah an anarchism and anime another anxiety any april arabic archaeology army arrears art arthritis arts as
    asthma astronomy atheism august autism autocracy autumn bad baking bands banking bankruptcy banks bars basic bed
    bedsits best big biology birth bitcoin black blogging blue blues boat boats body books both box boxing british
    brown buddhism bus buses business but buy by ca cafes can cancer capitalism car care cars cash catering central
    charge chemistry childcare childhood chinese choirs christ christianity church cities city class classes
    cleaning climbing clubs coaching coastal coding coin cold college colleges colour come comics command common
    communism communities community computers computing conflict construction cooking cooling cosplay counselling
    countries country craft crafts cricket crime crisis crypto custody cyber cyberspace cycling dancing danger data
    date debt december demand dementia democracy denial depression design diabetes diaspora digital disco divorce
    dollar doubt drama drawing drug drugs each early education eighties either electronics employment energy
    engineering english epilepsy estate estates events every exile fact faith fantasy farming fashion fatherhood
    favour fear february feminism fertility fiction fifties film finance fishing fitness flats flexible folk
    football forces forest forth forties foster fostering french friday front full further gambling games gaming
    garage garden gardening gardens gay gcse genealogy general geography german god goes gold golf good google
    government green grief grime group groups hand hang harmony healing health heart her hgv hiding high higher
    hiking hill hindi hinduism hip his history hit home homes homeschooling hop hope horror horses hospital
    hospitality hospitals hostels hotels house houses housing hr hs2 hub humanism hunting if independence industry
    insurance internet investing irish islam isolation it italian ivf january jazz jesus journalism judaism july
    june kind kinship kitchens knitting labour lake lakes large late law lawn leadership letting liberal life limbo
    line literature loans lockdown locking logistics lorries lorry love low luck male man manage management manga
    manufacturing mark marketing marriage maths may media medicine menopause mental mentoring mere metal metro mid
    middle military mind mine mission monday most motherhood motorsport mourning music my mystery name nature navy
    need new nhs nineties normal not november nursery nursing october of oh okay old online opportunity opposition
    or orchestras other our over paganism pain painting pairs para parenting park parks parliament part particular
    peace pen person pet pets philosophy photography physics podcasting poetry police policy polish politics pop
    pottery poverty pre pregnancy primary print prison private probation programming property psychology psychosis
    pub puberty public publishing pubs punjabi punk quarantine queue radio raf rain rap recovery red reggae rehab
    relationships remission remote rented renting research reserve reserves rest restaurants retail retirement rich
    river rivers road roads robotics rock romance rowing running rural sailing sales same saturday save school
    schools science scottish se sea seas season secondary security send september service services seventies sewing
    shape sheltered shock shooting shop shops sight sikhism silence singing sixth sixties skating skiing small
    smoking snow sobriety social socialism society software solo some soul space spanish spirit sport sports spring
    stem stock store stores street streets stroke summer sun sunday supermarkets support surfing swimming teaching
    teams tears tech techno technology television temporary tennis that the theatre their therapy these thirties
    this those thursday time touch tourism town towns trade trading train training trains transition transport
    travel treatment trouble tuesday turn twenties un unemployment uni uniform union universities university urban
    urdu us valley van vans vaping veganism village villages vlogging walking wall war warm web wedding wednesday
    welsh what wheelchair wheelchairs which white wicca wing winter wood woods work worth wrestling writing year
    years yoga young your
    """
)
"""Words that are no place even where a place could stand, unless a capital marks one of them as a town."""

DOUBLE: Final = _words(
    """
    abbey alsatian angel angle ash axminster bakewell bangor bar barking barrow bath battle beer bikini bologna
    bordeaux borough bourbon bourne bow bowling box bridge broadway buckle buffalo burger burgundy bury camp
    cardigan castle champagne chard cheddar china church clay cologne cork crook crow dale deal dee derby diss down
    dull duns eccles eden egg ely epsom eureka eye fleet ford gold grain grays grove guinea hale halo ham hawk heath
    hell holt hook hope hunts independence iris iron japan java keep labrador lamb lancing lark lead lee leek
    liberty lima lizard looe loose lye maidens malta manila march may mere mobile mold moss muck mumbles nelson
    newfoundland nice orange over paddock panama paradise phoenix pill polish pool port quarter reading ridge rode
    rose rugby rum rye sale sandwich sandy seal settle shaw shed sheet ship sierra silver slough split stilton stone
    stow strand street surprise swallow sway tangier temple tern thorn tongue tower train tree troy truth tumble
    turkey tweed union unst wall ware wash waterloo wells whip whistle wick wing wool wrangle yacht yell yelling
    young zeal
    """
)
"""Words that are also places: only the sentence can say which."""

SUBJECTS: Final = _words(
    """
    abbey bakewell bar barking battle beer bordeaux bourbon bowling box bridge buffalo burgundy camp castle
    champagne cheddar china church cologne cork deal derby down eccles epsom eye fleet gold grain ham heath hell
    hook independence iron labrador lamb lead leek liberty lima lizard manila march mobile newfoundland nice orange
    over panama paradise polish pool port rose rugby sale salt sandwich sandy seal settle sheet ship silver split
    stilton stone strand street swallow temple thorn tower train tree truth turkey union wash wool young
    """
)
"""Those of them that people are keen on, or that are things: "Rugby dads" need not live there."""

PERSONAL: Final = _words(
    """
    alexandria angus ashley ashton austin barnes barry beverley blake bolton boston bradford bristol brooklyn burton
    cambridge carlisle carol carolina chad charlotte chelsea chester clare clayton clifton compton craig dakota
    dallas denver douglas dudley florence georgia gordon guernsey hamilton harris hastings heather hilton holly
    houston hudson india irving israel jackson jarrow jersey jordan keith kelly kent kimberley kingston lancaster
    lawrence leigh leslie lester lewis lincoln logan london lourdes madison marlowe melissa milton morris morton
    murray nancy nelson newton norton paisley paris perry preston ripley ross savannah scott selby sheffield shelby
    shirley stafford stanley sutton sydney taylor tyler victoria virginia warwick washington wellington wesley
    weston windsor winston wyatt york
    """
)
"""Places that are also the names of people: "Jordan Peterson fans"."""

THINGS: Final = _words(
    """
    boots bulldog bulldogs cake cakes carpet carpets cattle cheese china cow cows cream disease fc fire football
    hotpot lace marathon pasties pasty ponies pony porcelain pudding puddings rarebit retriever retrievers rose
    roses salts sauce sausage sausages sheep sole spaniel spaniels sponge stilton syndrome tart tarts tea terrier
    terriers tweed
    """
)
"""What a place may only describe: "Yorkshire terrier owners"."""

ABSTRACT: Final = _words(
    """interested interest interests involved work works working worked engaged engage specialising specializing
    specialise specialised trained training qualified experienced believe believes believers believing participate
    participating enrolled career careers job jobs degree degrees studying study majoring expert experts expertise
    skilled talented fluent struggling struggle behind help support beginners novices newcomers invested investing
    investors caught dressed covered diagnosed women-led courses lessons qualifications gifted advanced"""
)
"""Words after which "in" leads to a field and not to a place."""

LANDSCAPES: Final = _phrases(
    """peak district; peak district national park; lake district; lake district national park; lakes; cotswolds;
    chilterns; chiltern hills; dartmoor; exmoor; bodmin moor; snowdonia; eryri; brecon beacons; bannau brycheiniog;
    pennines; pennine way; south downs; north downs; south downs national park; north york moors; yorkshire dales;
    yorkshire moors; yorkshire wolds; lincolnshire wolds; norfolk broads; broads; cairngorms; cairngorm; trossachs;
    loch lomond and the trossachs; loch lomond; loch ness; great glen; west highland way; hadrians wall; jurassic coast;
    south west coast path; quantocks; quantock hills; mendip hills; shropshire hills; north pennines;
    forest of bowland; cheviots; cheviot hills; pentland hills; ochils; campsie fells; mourne mountains;
    mournes; sperrins; glens of antrim; weald; high weald; fells; dales; alps; pyrenees; dolomites; himalayas;
    rockies; rocky mountains; andes; sahara; amazon; mediterranean; caribbean; balkans; arctic; antarctic; north sea;
    irish sea; english channel; channel; atlantic; pacific; thames; severn; mersey; tyne; trent; humber bridge;
    ridgeway; new forest national park; northumberland national park; pembrokeshire coast; kent downs;
    cannock chase hills; welsh marches; marches; yorkshire three peaks; three peaks; munros; black mountains;
    black isle; small isles; europe; eu; africa; asia; north america; south america; latin america; middle east;
    scandinavia; western europe; eastern europe; world; world wide web; commonwealth"""
)
"""Landscapes, rivers, parks and continents: nothing that local groups are local to, and hence no area of ours."""

DEMONYMS: Final = {
    "londoners": "london", "liverpudlians": "liverpool", "scousers": "liverpool", "mancunians": "manchester",
    "mancs": "manchester", "geordies": "newcastle upon tyne", "glaswegians": "glasgow", "brummies": "birmingham",
    "bristolians": "bristol", "aberdonians": "aberdeen", "dundonians": "dundee", "mackems": "sunderland",
    "sheffielders": "sheffield", "loiners": "leeds", "northumbrians": "northumberland", "cumbrians": "cumbria",
    "devonians": "devon", "cornishmen": "cornwall", "salopians": "shropshire", "brightonians": "brighton",
    "new yorkers": "new york", "parisians": "paris", "berliners": "berlin", "dubliners": "dublin",
    "sydneysiders": "sydney", "melburnians": "melbourne", "torontonians": "toronto", "liverpudlian": "liverpool",
    "mancunian": "manchester", "glaswegian": "glasgow", "bristolian": "bristol", "brummie": "birmingham",
    "orcadians": "orkney", "shetlanders": "shetland", "invernesians": "inverness", "edinburghers": "edinburgh",
}  # fmt: skip
"""People called by their town: the word stays in the audience."""

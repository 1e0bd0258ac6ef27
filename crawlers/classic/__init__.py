"""How the classic forums are read: phpBB, vBulletin, Simple Machines and MyBB differ in addresses and class names only.

All of them show an index in rows: a title, what is said of it, sub-boards, two counts, the last post. An engine
(`engine.py`) says how its addresses and its own markup tell a title; where a skin has left none of that markup, rows
are known by what stands in them (`titles.py`). `reading.py` is the way in.
"""

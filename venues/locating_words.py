"""The words that `venues.locating` reads by: what is rarely a place, what stands beside one, what speaks of one.

All of it is general English; nothing here is about one venue.
"""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """Give the words of a text as a set."""
    return frozenset(text.split())


SAY_LITTLE = words_of("""
    aaliyah acre adams addison ahmad aids ajax albert alert alexandra alexandria alicia allen ama amara american
    ames amherst anderson andrea andrew anime ann anna anthony antioch apex apple arcadia archway ariel
    aristotle arm arma arnold arsenal art arthur asgard ash asha ashley ashton ask aston asus atkins atlantis
    atlas augusta avery axis baba babylon bailey baker balatro ballard balti ban banks banner bar barber barking
    barley barnes barrie barry bartlett base basic bat bath bathurst batman battle bay bean beans bear beaumont
    beds beech beer bell bella bend bender benfica benson bentley benton bernard best bethesda beverly big
    billings birch bird blaine blake blender blue bolivar bologna bon bone book bow bowie bowling box bradley
    brandon brant brent brick bridge broadway brockhampton brooke brooklyn broom bruce bryan bryn buckley
    buffalo build bundy burke burn burton bury bush butler butte cadillac caldwell camelot cameron campbell
    canning cannon canon car care carlton carmel carmen carmichael caroline carrie cars carson carter cary
    casper castle castro cats cave centennial central centre champagne champaign chandler channel charlotte
    chase chat cheddar chelsea chess chester chihuahua chin chinatown christian church churchill cicero circle
    cisco city clare claremont clark clarke clay clayton clemson cleveland clifford clifton clinton clive club
    coachella coal code cody college collins cologne colton columbus come commonwealth concord concordia
    confederation connor constantine constantinople conway cook cooling corona cooper core corinthians cornell cove
    coventgarden craft craig crawford crewe cricket crook crosby crown curtis custer cypress dale dalton daly
    darwin data date davis dawson dayton deal dean decker dee defiance delgado delta demon denny denton dexter
    diablo diamond diana dickinson dig dining dire dock docking dodge doge dogs dollar dome doom douglas
    downtown dragon drake drama drew drexel drug dual dudley duke duncan dunkirk dwight eagle earl east eastern
    eaton economy eden edge edison edmond edwards elgin elizabeth elk elliot ellis elm elton emerson emma emo
    end energy english enterprise equality erskine eton eugene evans ever everett evergreen everton ewing excel
    exodus eye fair faith fame fargo fate fergus field fire fleet fletcher flint flora flowers floyd flushing
    fly ford forest forge fork fountain fox francis franklin frederick freedom fremont friends fun galaxy game
    gaming gap garcia gardner garfield garland garner gary gatsby gay gaza genesis george gilbert gladstone glen
    glenn gold golf good gordon gore gotham graham grain grange grant gray grayson green greg grey griffin
    grimes grins grove hackers hadley hail ham hamilton hamlet hammond hancock hang happy harbour hardware hare
    harley harmony harper harris harrison harrow harvard harvey haskell hassan hayden hayes haynes healing heart
    heath heather helena helm help henderson henley henrietta henry hermitage high highland hill hilton hire hit
    hobbit hobbs hogwarts holly holmes holt holy home homeland homer homestead hook hoover hope horn hose
    houston howard hub hudson hugo hull hulu hunter hunting hurst hutchinson imperial independence institute
    irma irving isabella island ivan jackson jacob jaguar jam james jasper jefferson jena jenkins jericho jersey
    jessica jesus jewel joanna johnson johnston joint jones jordan joseph judah judea judo julia julian justin
    kanye kappa karin karma keith keller kelly kendall kennedy kenton kerry kia kimberley kindred kingdom
    kingsley kira kirby kitchen know kobe kodi kotlin krishna krypton kurt kyle labrador lacey lacrosse lake
    landmark lane langley lara lark larkin laurel law lawrence lawson lean lee leigh lena lend lens leo leon
    leonardo leroy leslie letterkenny lewis liberal liberty life light lila lilly lily lime limit lincoln linden
    lindsay lion lisa list livingston livingstone lloyd loans lock locking log logan logos lola lone looe lore
    loretta louis lourdes love lowell luc lucas luck lucy luke lux lynn maau mackay macon maddie maddox madison
    madonna mage maia mail malcolm male malmsteen man mandela manga mango manning march margaret mari maria
    mariah mariana marie marina marines marino mario marion mark market marks marlboro marlow mars marseilles
    marshall martin martinez mary mascara mask mason mate math matthews maud max may maya maynard mayo mcgill
    mclean mead media medina mega memory mentor mercedes mere meredith meridian merrill meta metro metropolis
    midland midsomer midtown miles mill miller milton mind mine miranda mission mitchell mobile mocha mold mole
    molina mona monroe monster montgomery moody moon moore mordor moreno morgan morris morton moses moss mosses
    most motion motown mound mountain mousehole murray muse music mustang nancy napier narnia naruto nash natal
    national nature nazareth nelson nes newton nice nicholas nico nigel night nikki nirvana noel nokia nora norm
    norma normal norman north northern novel oak oasis oath obama obelisk ocean olive oliver olivia olympus ona
    one only opera oracle oral orange orion oscar otis over owen oxenfree ozark page paisley panda papa paper
    par paradise paragon paramount park parker parma patterson patti patton paul peak pen people percy pereira
    perry pest pet peter philip phillips phoenix piano pierce pierre pill pine pink pitt plains plan planet
    plantation plato play point police pontiac pool portal porter post powell power prescott present preston
    prey pride prime prince princess princeton progress pub pulaski pulp pun purdue quarter queen queens
    queensryche quinn rail rain rake ralph ramsey rance ranch randall randolph ray raymond reading real record
    red redding reform regina reno research reservoir rest rex rhys rich richard richardson ridge riga riley rim
    ring rise river rivera riverdale roads robert roberts robertson robinson rochester rock rodriguez roger
    rogers roland roles rolla roma roman ron rosa rosario rose rosenberg ross roy rugby run ruse rush russell
    rutgers ruth ryan sabine sabres safe saga saint saints sale sales sally salt salvador sam samson samsung
    samuel san sanders sandwich sandy santana santos sap sara sarah saratoga sasha sauce saul savage savannah
    save scala schneider scott scranton sea sean search seaside seat see sega selma send serena serene seth
    settle severance shannon shaping sharon shaw shawn shelby shell shelley sheridan sherman sherwood shields
    ship shirley sidney silva simon simpson sky skyler skyrim slim smallfoot smallville smith sofia sofie soho
    sol solo soma some song sophia soul south southern southpark space spanish spark sparks sparta spencer
    spoken spring springfield springs stafford stains stalin stand stanford stanley stanton star stargate stars
    start station steep stella stephens stephenson steve stewart stock stone stones storm story stove stranger
    street strong stuart style sullivan summer sumo sun sunrise sunset supreme surf surprise sutton sway swords
    table tabletop tales tan tank tape tar tasker tate taylor tea team temple teresa terminus tesla tex thai
    this thomas thompson thor thornton tiffany tire tires todd tom tony tools top tori torn tornado torres tour
    tours tower town townsend toyota tracy trade travis tree triangle tring tron troy trust try tube tulane
    tulip tumble tunes turbo turkey turn turner twinpeaks tyler ulster unity universal university upland uptown
    urban valencia valhalla valley van vanderbilt vargas vaughan velo venture verdun vernon versailles vic
    victor victoria villanova vincent vine vinland virgil virgin vista vita vladimir von vue waco wade wake
    walker wall wallace walnut walter walton war ward warden warm warner warren water waterloo watson wave way
    wayne webster wedding weed well wells wem wesley west western westeros westworld wet whale wharton wheeling
    white whitman whitney wii wild wilder wiley will williams willis wilson wind wing winston wood wool word
    work world worms worth wow wright wyatt xiaomi yale yard young yubo yuki zach zelda zion
""")
"""Names that mean a place only where something else in the listing says so.

They are words of everyday English, names of people, or works, brands and schools better known than the town.
"""

COMPANY = words_of("""
    19 socials areas covid corona coronavirus district emergency hands helpers helping isolation kindness link neighbour
    neighbourly parish pandemic response scheme self surrounding villages virus vulnerable ward
    acorn activism activities agile aid all allotment allotments alumni an and android angular animals area
    around art artists arts ask at atheists autism babies baby band bands bears beer bike bikes biking bird
    birding bitcoin black board boardgame boardgamers boardgames book books borough breakfast breastfeeding
    brewing brides bristolians british brits buddies builds bus business buy buyandsell buysell buyswap cafe
    camp camping car care carers cars cats central centre channel chat children chinese choir church cinema
    circle city civic classifieds climate climbers climbing clojure cloud club clubs co code coders coding
    collective comedy communities community conservatives conversation coop corona coronavirus council country
    county couples covid covid19 craft crafters crafts creative cricket crypto culture cycle cycling cyclists
    dad dads dance data dating deaf deals democrats design designers dev developers devops devs digital
    disability disabled discord district diy docker dog dogs downtown drinks drivers drupal east eats economy
    education elderly electronic elixir engineering entrepreneurs ents environment ethereum ethical events
    exchange expats facebook families family fashion fathers feddit feminists festival film finance fitness
    flatmates flatshare food foodies football for forage forsale forum forums foundation free freebies freecycle
    freelancers friendly friends from frugal game gamers games gaming garden gardeners gardening gardens gay gdg
    geek geeks girls gis go golang goths greater green greens group groups guide hackers hackerspace hacks
    hackspace hardware haskell help heritage hikers hiking hindu history homeless homes homeschool house housing
    hub ideas immigration in independent indie info inner invest investing ios islamic jewish jobbit jobs js
    kayak kbin kids kink knitters knitting kotlin kubernetes ladies lads lan language laravel latin law leaders
    learning left  lemmy lesbian lesbians lgbt lgbtq lgbtqia library linux list litter live local locals
    lonely lounge lower ltd macs mailing makers making map mapping maps market marketplace matrix matters media
    meet meetup meetups memes men mens metal metro micro mom moms months motorcycles movement movies mtb mum
    mummies mums museum music musicians musicscene muslim muslims mutual mutualaid my nature neighborhood
    neighbourhood neighbours nerds network networking new newcomers news nhs nightlife node nodeschool north of
    off office old older on online open org organic osm our outdoor outdoors outer outreach over pagans page
    parent parenting parents park parkrun parks past personalfinance personals pets photo photographers
    photography photos php pics pictures pkgo planning play players playgroup podcast poetry pokego pokemon
    pokemongo poker police policy politics poly pride problems product professionals programmers programming
    project property public pubs python queer quiz r4r race radio rail railways raves react reactjs readers real
    realestate rec recovery redditor redditors refugee refugees region remote rent rentals renters renting
    repair residents response restaurants retired ride riders road  roommates rooms rugby run runners
    running sangha scene school schools science scooters secondhand seeds sell seniors server services shopping
    show sightseeing single singles skate skateboarding skating ski skiing slack socal soccer social socialclub
    socialists society software solidarity south spanish sport sports squad startup startups stories street
    student students studio suburbs support swap swim swimmers swimming talk tea teachers tech technology teens
    telegram tenants tennis the theatre things tips to toddlers tourism tours town traders traffic trails train
    transit transport travel trees twins twitter u3a uni unite university upper urban user usergroup usergroups
    users ux vegan vegans vegetarian vegetarians veterans video village visa visit volunteering volunteers vue
    walkers walking walks wargaming water we weather web weekly weird wellbeing west whatsapp wide wiki wild
    wildlife with women womens wordpress workers working writers writing yoga young your youth
""")
"""Words that stand beside a place in the name of a group of its people, and do not make a title of it."""

NEIGHBOURS = words_of("""
    aid area babies carers community council covid covid19 coronavirus dads elderly families fathers good helpers
    independent isolation lads ladies moms mothers mum mummies mums mutual mutualaid neighbour neighbourhood neighbours
    parents parkrun pensioners people residents response running runners singles students support surrounding teens
    tenants toddlers town u3a volunteer volunteers ward
""")
"""Words that only a group of people in a place would have beside its name, so that even "Bath" is the city there."""

TEAMS = words_of("afc albion athletic cc fc hotspur rfc rovers united utd wanderers")
"""Words that make the name of a place that of its club, whose followers live everywhere."""

STRANGERS = words_of("""
    comedy documentary governor sitcom presidential carrier attorney
    actor actress album albums anime author band bands baseball basketball born brand brands breed breeds broker
    browser celebrity character characters cinematic comic comics company console cookware deodorant developer
    dlc drummer episode episodes fandom fiction fictional film films football franchise game gameplay games gif
    gifs guitarist hbo hockey hulu league manga mascot meme memes mlb mls mmo mmorpg mod mods movie movies
    musical musician nba netflix nfl nhl nintendo novel novels playstation pornstar prequel producer programming
    protagonist rapper roleplay rpg sci season sequel series show singer sitcom soccer software song songs
    starring steam streamer studio team television tv vehicle videogame wrestler xbox youtuber
""")
"""Words of a description that tell of a work, a brand, a team or a person rather than of a place."""

LOCALS = words_of("""
    alumni area borough campus cities city county downtown hometown inhabitants lived living local locals metro
    metroplex metropolitan municipality neighborhood neighborhoods neighbourhood neighbourhoods outskirts region
    regional relocating resident residents residing students suburb suburbs surrounding tourism tourist tourists
    town towns university village villages visit visiting visitors
""")
"""Words of a description that tell of a place and those who live there."""

GATHERINGS = words_of("""
    alumni campus chapter club college community communities discuss discussion events everyone everything faculty
    festival folks forum group home instance live living local locals meet meetup meetups members news official people
    place reddit redditor redditors residents school server share students sub subreddit town university village
""")
"""Words of a sentence that is about those who gather, or where."""

HANDLES = words_of(
    "bluesky discord kbin lemmy lemmy-instance mastodon mbin piefed podcast raddle reddit squabbles tiktok youtube"
)
"""Platforms where most names are about a theme: a place in one needs better proof than in a local group's name."""

PLAIN = words_of("al de hi id in la ma me ok on or pa")
"""Abbreviations of states that are also words."""

_STATES = {
    "us": """
        al alabama ak alaska az arizona ar arkansas ca california co colorado ct connecticut de delaware fl florida
        ga georgia hi hawaii id idaho il illinois in indiana ia iowa ks kansas ky kentucky la louisiana me maine
        md maryland ma massachusetts mi michigan mn minnesota ms mississippi mo missouri mt montana ne nebraska
        nv nevada nh new-hampshire nj new-jersey nm new-mexico ny new-york nc north-carolina nd north-dakota oh ohio
        ok oklahoma or oregon pa pennsylvania ri rhode-island sc south-carolina sd south-dakota tn tennessee tx texas
        ut utah vt vermont va virginia wa washington wv west-virginia wi wisconsin wy wyoming dc district-of-columbia
    """,
    "ca": """
        ab alberta bc british-columbia mb manitoba nb new-brunswick nl newfoundland-and-labrador ns nova-scotia
        on ontario pe prince-edward-island pei prince-edward-island qc quebec sk saskatchewan yt yukon
    """,
    "au": "nsw new-south-wales qld queensland vic victoria tas tasmania",
}


def _by_abbreviation() -> dict[str, str]:
    states: dict[str, str] = {}
    for country, text in _STATES.items():
        words = iter(text.split())
        states.update((short, f"{country}:{name}") for short, name in zip(words, words, strict=True))
    return states


STATES = _by_abbreviation()
"""What the post writes after a town, in capitals, in the United States, Canada and Australia."""

PEOPLES = {
    "aussie": "country:AU",
    "aussies": "country:AU",
    "australian": "country:AU",
    "australians": "country:AU",
    "brit": "country:GB",
    "brits": "country:GB",
    "british": "country:GB",
    "britons": "country:GB",
    "canadian": "country:CA",
    "canadians": "country:CA",
    "californian": "us:california",
    "californians": "us:california",
    "irish": "country:IE",
    "kiwis": "country:NZ",
    "scots": "uk:scotland",
    "scottish": "uk:scotland",
    "texan": "us:texas",
    "texans": "us:texas",
    "welsh": "uk:wales",
}
"""Words for the people of a place. Not those that are also a language or a kitchen: learners live anywhere."""

NICKNAMES = {
    "nyc": ("new york city", "country:US"),
    "newyork": ("new york city", "country:US"),
    "dc": ("washington", "us:district-of-columbia"),
    "washingtondc": ("washington", "us:district-of-columbia"),
    "sf": ("san francisco", "us:california"),
    "bayarea": ("san francisco", "us:california"),
    "socal": ("california", "country:US"),
    "norcal": ("california", "country:US"),
    "philly": ("philadelphia", "us:pennsylvania"),
    "vegas": ("las vegas", "us:nevada"),
    "nola": ("new orleans", "us:louisiana"),
    "pdx": ("portland", "us:oregon"),
    "atx": ("austin", "us:texas"),
    "dfw": ("dallas", "us:texas"),
    "htx": ("houston", "us:texas"),
    "stl": ("st louis", "us:missouri"),
    "slc": ("salt lake city", "us:utah"),
    "okc": ("oklahoma city", "us:oklahoma"),
    "twincities": ("minneapolis", "us:minnesota"),
    "brum": ("birmingham", "country:GB"),
    "brizzle": ("bristol", "country:GB"),
    "manc": ("manchester", "country:GB"),
}
"""Short names that everybody uses and a gazetteer may not have, each with where it lies."""

SHORT = frozenset(
    {"uk", "usa", "nz", "uae", "nyc", "dc", "sf", "stl", "pdx", "atx", "dfw", "okc", "slc", "goa", "ely", "rye"}
)
"""Names of at most three letters that are read in a title. Others are too often something else."""

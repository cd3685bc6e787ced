"""Words that variants are made of. Ordinary business words, singular, lower case; none is a keyword where a name can stand."""

from __future__ import annotations

from typing import Final


def word_list(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


PEOPLE: Final = word_list(
    """
    customer supplier vendor client employee worker driver patient student teacher member guest tenant owner dealer buyer
    seller carrier farmer baker doctor nurse pilot trainer visitor subscriber applicant partner donor lender borrower clerk
    cashier inspector mechanic florist plumber
    """
)
DOCUMENTS: Final = word_list(
    """
    order invoice receipt quote shipment delivery payment refund claim contract ticket booking reservation rental lease loan
    voucher permit license certificate complaint inquiry parcel consignment reminder subscription warranty recipe catalog
    """
)
GOODS: Final = word_list(
    """
    product article bolt screw hinge valve pump motor engine pallet crate carton bottle barrel lamp cable pipe tile brick
    plank chair desk sofa carpet curtain mattress bicycle helmet jacket glove boot candle basket kettle pan spoon melon
    apple lemon cheese loaf tomato onion seed shovel ladder hammer drill battery kayak gasket tyre bearing sensor
    """
)
PLACES: Final = word_list(
    """
    warehouse depot shop chapel plant harbor garage garden barn mill bakery clinic hotel library museum office quarry
    vineyard workshop terminal stable kiosk hall cellar attic market studio laundry pharmacy orchard
    """
)
AMOUNTS: Final = word_list(
    """
    price cost fee rate salary wage bonus discount rebate deposit budget amount balance weight levy duty toll volume charge
    surcharge margin commission rent tariff premium quota revenue expense freight stock
    """
)
VEHICLES: Final = word_list("truck van boat yacht vessel ferry tractor trailer wagon barge tram taxi crane forklift coach")

THINGS: Final = word_list(
    """
    account ledger journal route tour fleet team project job machine tool sample badge locker cabinet shelf rack bay dock
    lane gate zone region season campaign lesson course meal room bed seat booth container tank silo meter scale
    """
)

CATEGORIES: Final = (PEOPLE, DOCUMENTS, GOODS, PLACES, AMOUNTS, VEHICLES, THINGS)
"""A noun is swapped for another of its own kind."""

NAMES: Final = word_list(
    """
    amber anchor aspen basil beacon bishop bramble bridge canyon cedar cliff clover copper coral cotton crystal daisy delta
    eagle ember falcon fern flint forest fox glacier granite hazel heron indigo iris ivory jasper juniper kestrel lagoon
    lark lily linden lotus lupin magnet maple marble meadow mercury mint mistral moss north nova oak olive onyx opal orchid
    otter palm pebble pepper pine plum poppy prairie quartz raven reed ridge river robin ruby saffron sage salmon sapphire
    sienna silver sparrow spruce summit sunset thistle tiger topaz tulip tundra valley velvet violet walnut willow winter
    yarrow zephyr
    """
)
CITIES: Final = word_list(
    """
    Aarhus Antwerp Augsburg Basel Bergamo Bilbao Bologna Bordeaux Braga Brno Cork Dijon Dresden Dundee Erfurt Essen Exeter
    Freiburg Gdansk Geneva Girona Gothenburg Grenoble Haarlem Kassel Kaunas Krakow Lausanne Leipzig Limerick Linz Lucca
    Lugano Malaga Malmo Mainz Modena Munster Nantes Odessa Oulu Padua Parma Perth Pisa Poznan Rennes Riga Salerno Seville
    Siena Split Tallinn Tampere Toledo Trieste Turin Uppsala Utrecht Verona Vigo York Zadar Zagreb
    """
)
ADJECTIVES: Final = word_list(
    """
    active annual bright broad calm central clean cold complete current daily damaged dark deep double dry early eastern
    empty exact fair fast final fine flat foreign fresh full gentle global golden grand green heavy hidden high hot huge
    inner internal large late light local low long loose lower main major manual minor missing mixed modern monthly narrow
    northern old outer overdue paid partial past plain poor prime private public quick quiet rapid rare red regional rough
    round safe second secret short silent simple single slow small smooth soft solid southern spare special steady
    strong sudden tall thick thin tidy unpaid upper urgent valid vacant warm weekly western white wide wild wrong yearly
    yellow young
    """
)
VERBS: Final = word_list(
    """
    add ask pay accept adjust approve archive arrange assign attach book bring calculate cancel carry check choose
    clean collect confirm count create deliver discard dispatch divide draw export fill fold gather grant group handle hire
    inspect invite issue join keep label lend lift mark measure mix move notify offer pack park pick plan post prepare
    process publish receive refuse register remove repair replace request reserve review scan seal send serve ship
    show sign sort split stack store submit suggest supply teach trace train travel update verify visit weigh wrap
    """
)
STATES: Final = word_list(
    """
    accepted approved archived blocked booked cancelled checked cleaned closed collected completed confirmed counted
    created delayed deleted delivered denied exported failed filled finished found handled imported inspected invoiced
    issued lost marked missing moved opened packed paid pending picked planned posted printed processed received refused
    registered rejected released removed repaired reserved reviewed saved scanned sealed sent shipped signed sold sorted
    stored submitted tested updated verified
    """
)
SHORT: Final = word_list(
    """
    acc bag bay bed bin bit box bus cab can cap car cat cot crew cub cup cut dep dog egg fan fig fit fox gap gas gem hat hen
    hub ice ink inn jar jet job jug key kit lab lid log lot map mat net nut oak oil pad pan peg pen pet pin pit pod pot rag
    ram ray ret rib rod row rug sat sea sec set sky sub sum tag tap tea tin tip top toy tub van vat way web wet
    """
)
"""For names of three letters or fewer."""

ENGLISH: Final = word_list(
    """
    a an the in to of on at by for from and or not is it its as with into out up down off if else then be are was has have
    had do does so that this these those there here all each every any no none one two both other another same only also
    just until while when where what which who how why first last next before after between above below left right top
    bottom high low print show read write open close loop run end stop start begin leave enter put get set take give add
    remove count sort search find check move copy ask choose wait quit done ready exit return call go jump skip use make
    change create delete save load fetch build convert turn free post store update list switch select test format display
    repeat keep file files key keys line lines name names number numbers text texts string strings value values word words
    record records row rows column columns window windows button label title menu field fields page box message msg error
    errors status code codes channel program programs class method function array table data date time day month year hours
    hour minutes seconds week weeks size length width height position place character characters digit digits letter letters
    result results answer reply choice input output screen template index id item event report entry part parts step unit
    type kind mode level user order default exists absent gone empty valid new old big small long short upper lower gross
    net extra base
    """
)
"""Words that instructions need for themselves."""

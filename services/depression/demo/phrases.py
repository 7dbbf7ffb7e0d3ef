"""Sentences of the demo people: templates whose {slots} are filled with words of the same name.

Written for this demo; none of it was said by anybody. What hints at low mood is mild on purpose, and its
words also occur in everyday sentences, so that no single word tells the groups apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WORDS: Mapping[str, Sequence[str]] = {
    "adjective": ("good", "great", "odd", "fine", "lovely", "boring", "useful", "cheap", "slow", "solid"),
    "day": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "when": ("today", "yesterday", "last night", "this morning", "last week", "this weekend", "again"),
    "person": ("sister", "brother", "friend", "neighbour", "flatmate", "cousin", "uncle", "boss"),
    "cause": ("exams", "the move", "a cold", "the deadline", "the new baby", "night shifts", "the news"),
    "heavy": ("tired", "empty", "alone", "numb", "worthless", "sad", "lost", "hopeless"),
    "length": ("days", "weeks", "months", "a while", "so long"),
}

TOPICS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "cooking": {
        "thing": ("soup", "bread", "oven", "curry", "pan", "rice", "sauce", "dough", "recipe", "knife"),
        "act": ("bake", "roast", "season", "simmer", "freeze", "slice", "serve", "knead"),
    },
    "football": {
        "thing": ("match", "keeper", "league", "striker", "referee", "season", "coach", "derby", "penalty"),
        "act": ("defend", "win", "lose", "score", "press", "watch", "replay", "tackle"),
    },
    "gaming": {
        "thing": ("console", "quest", "level", "boss fight", "patch", "server", "controller", "save file"),
        "act": ("beat", "unlock", "grind", "craft", "stream", "speedrun", "explore", "finish"),
    },
    "programming": {
        "thing": ("compiler", "loop", "library", "test", "database", "branch", "editor", "parser", "bug"),
        "act": ("debug", "refactor", "merge", "install", "deploy", "document", "compile", "profile"),
    },
    "gardening": {
        "thing": ("tomato", "compost", "seed", "rose", "hedge", "spade", "bulb", "greenhouse", "slug"),
        "act": ("plant", "water", "prune", "harvest", "mulch", "repot", "sow", "weed"),
    },
    "cycling": {
        "thing": ("bike", "saddle", "chain", "helmet", "hill", "tyre", "brake", "trail", "gear"),
        "act": ("climb", "ride", "oil", "tune", "patch", "brake", "commute", "race"),
    },
    "films": {
        "thing": ("film", "sequel", "actor", "scene", "trailer", "soundtrack", "cinema", "plot", "director"),
        "act": ("watch", "review", "recommend", "quote", "remake", "rate", "skip", "rewatch"),
    },
    "travel": {
        "thing": ("train", "hostel", "island", "passport", "ferry", "map", "museum", "airport", "backpack"),
        "act": ("book", "visit", "pack", "hike", "cancel", "plan", "photograph", "explore"),
    },
}

NEUTRAL: Sequence[str] = (
    "does anyone know how to {act} the {thing} before {day}?",
    "the {thing} was {adjective} {when} and the {thing} was even more {adjective}.",
    "my {person} says you should {act} the {thing} first, then {act} the other one.",
    "i would {act} it {when}, the {thing} looks {adjective} to me.",
    "we had to {act} the {thing} twice because of the {thing}.",
    "is the new {thing} worth the money or is the old {thing} still {adjective}?",
    "thanks, that {thing} worked and now i can {act} the {thing} as well.",
    "they always {act} the {thing} on {day}, it is a {adjective} habit.",
    "nobody at the shop could tell me which {thing} to {act}.",
    "people who {act} every {day} end up with a {adjective} {thing}.",
    "not sure about the {thing}, my {person} found it {adjective}.",
    "the best part is when you {act} the {thing} with a {person}.",
)

# Words of the signs in other meanings.
EVERYDAY: Sequence[str] = (
    "the battery was empty {when} so i could not {act} at all.",
    "my legs are tired from the {thing} but it was a {adjective} {day}.",
    "i slept badly because of {cause}, coffee will have to do.",
    "home alone {when}, so i can {act} the {thing} in peace.",
    "sad to see the {thing} go, it was {adjective}.",
    "i lost the {thing} {when} and feel silly about it.",
    "the ending felt hopeless and i cried a little, {adjective} {thing}.",
    "cannot sleep, so let us talk about the {thing}.",
)

# What people who are well say of a hard time, of themselves or to somebody else.
WORRY: Sequence[str] = (
    "i feel so {heavy} because of {cause}, it should pass by {day}.",
    "sorry you feel {heavy}, my {person} went through that for {length} and got better.",
    "could not sleep for {length} with {cause}, i am so {heavy}.",
    "my {person} felt {heavy} for {length} and talking to a doctor helped.",
    "it has been a hard week, i cried {when} and feel {heavy}.",
)

SIGNS: Sequence[str] = (
    "i feel {heavy} and {heavy}, it has been like this for {length}.",
    "i have not slept properly for {length} and i feel {heavy}.",
    "nothing means much to me any more, even the {thing}.",
    "i stay in bed most of the {day} and cannot make myself {act}.",
    "i keep telling my {person} that i am fine, but i feel {heavy}.",
    "i do not see the point of trying, everything feels {heavy}.",
    "i cried {when} and could not say why, i am just {heavy}.",
    "nobody would notice if i stopped coming, i feel {heavy}.",
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the positive people of a demo are positive for, and what sounds like it.

    everyday  the same words in other meanings
    worry     what people who are well say of a hard time
    signs     what hints at it
    users     how the names of its people begin
    first_id  of its posts, so that two demos can be replayed beside each other
    """

    everyday: Sequence[str]
    worry: Sequence[str]
    signs: Sequence[str]
    users: str
    first_id: int


GAMBLING = Signs(
    everyday=(
        "i bet the {thing} will be {adjective} by {day}.",
        "we lost the {thing} {when}, who wants to {act}?",
        "the odds that they {act} the {thing} on {day} are slim.",
        "my {person} won a {thing} in a raffle {when}.",
        "is it worth the risk to {act} the {thing} twice?",
        "a slot on {day} is free, we could {act} then.",
    ),
    worry=(
        "put a small bet on the match {when} with my {person}, that was it.",
        "sorry you lost money, my {person} stopped betting and feels better.",
        "we played cards for coins {when}, i lost and laughed.",
        "money is tight because of {cause}, no casino trip this time.",
    ),
    signs=(
        "i put it all on one bet again and lost, i have to win it back.",
        "i told my {person} that the money went on the {thing}, it went on slots.",
        "i borrowed from my {person} again to keep betting, i owe for {length}.",
        "i cannot stop checking the odds, i have been at it for {length}.",
        "one more spin and i will be even, that is what i say every {day}.",
        "i deleted the casino app {when} and had it back by {day}.",
        "i stake more each {day} because the small bets do nothing for me.",
    ),
    users="demo_player",
    first_id=2 * 36**6,
)

ABOUT: Mapping[str, Signs] = {
    "depression": Signs(EVERYDAY, WORRY, SIGNS, "demo_user", 36**6),
    "gambling": GAMBLING,
}

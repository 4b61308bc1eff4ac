"""What the posts of the demo are about: captions (``{city}`` and ``{name}`` are filled in) and hashtags."""

from collections.abc import Sequence
from typing import NamedTuple


class Topic(NamedTuple):
    hashtags: Sequence[str]
    captions: Sequence[str]


TOPICS = (
    Topic(
        ("food", "recipe", "homemade", "dinner", "baking"),
        (
            "Five ingredients, one pan, twelve minutes",
            "My grandmother's bread, finally written down",
            "What I ate in {city} for under ten",
            "The noodle soup you asked for",
            "Do not skip the resting time. Trust me",
            "Lunch box ideas for a long week",
        ),
    ),
    Topic(
        ("travel", "citywalk", "trainlife", "hiddenplaces"),
        (
            "48 hours in {city} without a plan",
            "The quiet side of {city}",
            "Night train to {city}, window seat",
            "Three viewpoints in {city} that locals keep for themselves",
            "Missed the bus, found this instead",
        ),
    ),
    Topic(
        ("dance", "choreo", "learntodance"),
        (
            "Took us forty tries",
            "Slow version for everyone who asked",
            "Dancing in the rain in {city}",
            "Teaching {name} the first eight counts",
        ),
    ),
    Topic(
        ("music", "cover", "guitar", "livemusic"),
        (
            "Wrote this on the bus this morning",
            "Three chords and the truth",
            "Cover night, {name} picked the song",
            "Found this synth at a flea market in {city}",
        ),
    ),
    Topic(
        ("art", "sketchbook", "process", "ceramics"),
        (
            "From first line to last glaze",
            "A page a day, day 63",
            "Mural in {city}: two weeks in thirty seconds",
            "I ruined it, then I liked it better",
        ),
    ),
    Topic(
        ("fitness", "running", "mobility", "yoga"),
        (
            "Ten minutes for a back that sat all day",
            "First half marathon, {city}, 1:58",
            "Do this before your coffee",
            "Rest day is training too",
        ),
    ),
    Topic(
        ("pets", "dogsofmixillo", "catlife"),
        (
            "He learned to open the fridge",
            "First day with {name} the cat",
            "Walk in {city} with the slowest dog alive",
            "She chose the most expensive cushion, of course",
        ),
    ),
    Topic(
        ("fashion", "thrift", "outfit", "sewing"),
        (
            "Everything thrifted, under thirty",
            "One linen shirt, five ways",
            "Sewing a coat from an old blanket",
            "Outfit for a rainy day in {city}",
        ),
    ),
    Topic(
        ("diy", "beforeandafter", "woodwork", "home"),
        (
            "Before and after, same room, eighty in materials",
            "A shelf from leftover floor boards",
            "Landlord-friendly light for a dark corner",
            "Fixed it. Only two screws left over",
        ),
    ),
    Topic(
        ("tech", "coding", "setup", "gadgets"),
        (
            "My desk for small rooms",
            "A tiny script that saves me an hour a week",
            "Repairing a phone that everybody gave up on",
            "Keyboard sounds, no talking",
        ),
    ),
    Topic(
        ("plants", "garden", "balcony"),
        (
            "Tomatoes on a north-facing balcony, an update",
            "Saving a plant from the bin",
            "Everything I planted in {city} this year",
        ),
    ),
    Topic(
        ("comedy", "relatable", "pov"),
        (
            "When the meeting could have been a message",
            "My mother on the phone, a study",
            "Explaining the group chat to {name}",
            "Every landlord in {city}",
        ),
    ),
)
SOUNDS = (
    ("Paper Boats", "Marlow Finch", "indie"),
    ("Second Sunrise", "Ines Duarte", "electronic"),
    ("Kitchen Radio", "The Small Hours", "pop"),
    ("Low Tide", "Tomas Berg", "ambient"),
    ("Elevator Girl", "Ruby Static", "pop"),
    ("Brass and Dust", "Old Station", "jazz"),
    ("Running Late", "Koda", "hiphop"),
    ("Green Light Street", "Night Bus", "electronic"),
    ("Grandma's Waltz", "Lena Hartmann", "classical"),
    ("Salt", "Mirrors of May", "indie"),
    ("One More Coffee", "The Small Hours", "jazz"),
    ("Up the Stairs", "Koda", "hiphop"),
)

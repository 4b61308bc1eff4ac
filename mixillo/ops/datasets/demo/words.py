"""What people of the demo write; the captions of their posts are in ``topics``, goods in ``goods``."""

BIOS = (
    "Coffee first, then everything else.",
    "Cooking my way through grandma's notebook.",
    "Weekend hiker, weekday developer.",
    "Painting small things on big walls.",
    "Film cameras, slow trains, good bread.",
    "Dance teacher. Yes, you can learn it too.",
    "Dog person with two cats.",
    "Collecting plants faster than I can water them.",
    "Running late, but running.",
    "I fix bikes and make videos about it.",
    "Books, vinyl, rainy Sundays.",
    "Making furniture out of what others throw away.",
    "Mum of three, baker of one very good cake.",
    "Street food hunter.",
    "Learning the cello in public. Be kind.",
    "New city every month.",
    "Skate, sleep, repeat.",
    "Small batch ceramics. Shop opens on Fridays.",
)
COMMENTS = (
    "This made my day",
    "How long did this take you?",
    "Saving this for later!",
    "Where is this? I need to go",
    "The ending got me",
    "I tried it, works perfectly. Thank you!",
    "Part two please",
    "What song is that?",
    "My sister needs to see this",
    "Okay I am impressed",
    "The light is beautiful",
    "Tutorial when?",
    "I watched it three times",
    "So calm, love it",
    "Been following since day one, look at you now",
    "Which camera do you use?",
    "That is exactly how my dad does it",
    "I laughed way too loud on the bus",
    "Not me crying at work",
    "Underrated account",
    "You make it look so easy",
    "Does it also work without the oven?",
    "Instant follow",
    "The colours!",
)
REPLIES = (
    "Thank you so much!",
    "About two hours, most of it waiting",
    "Same here",
    "Agreed",
    "Haha yes",
    "Link is in my profile",
    "Coming next week!",
    "No, but try it and tell me",
    "You are too kind",
    "Ask away, I answer everything",
)
ADVERTISING = (
    "Cheap followers, first hundred free, look at my page",
    "I earn 900 a week from home, ask me how",
    "Original watches, ninety percent off, today only",
    "DM me for promo!!!",
)
REVIEWS = {
    5: (
        "Better than in the pictures. Would buy again.",
        "Arrived in three days, packed with care. Perfect.",
        "Exactly what I was looking for.",
        "Great quality for the price.",
        "Second one I bought, this time as a present.",
    ),
    4: (
        "Very nice, the colour is a little darker than shown.",
        "Good quality, delivery took a week.",
        "Does what it should. The box was dented, the product fine.",
    ),
    3: (
        "It is okay, I expected it to be bigger.",
        "Decent, but the finish could be better.",
    ),
    2: ("Works, but feels cheaper than it looks.", "Took very long and one part was missing."),
    1: ("Broke after a week.", "Not as described, I sent it back."),
}
# How often a product gets five, four ... stars.
STARS = {5: 52, 4: 27, 3: 12, 2: 5, 1: 4}
CHATS = (
    ("Hey! Saw your last video, so good", "Thanks! It took me forever", "It shows. When is the next one?",
     "Friday, if the weather holds", "Can't wait"),
    ("Hi, is the blue one still available?", "Yes, two left", "Great, I will order tonight",
     "Perfect, it ships tomorrow then", "Thank you!"),
    ("Are you going on Saturday?", "I think so, you?", "Yes, meet at seven?", "Seven is good", "See you there!"),
    ("Which lens did you use for that?", "Just the phone, honestly", "No way", "I will show you next time",
     "Deal"),
    ("Your recipe worked!", "I am so happy to hear that", "Kids asked for seconds", "The best compliment",
     "Sending you a picture later"),
    ("Want to do a live together?", "Yes! Cooking or questions?", "Cooking, people love the chaos",
     "Thursday evening?", "Booked"),
    ("My parcel has not arrived yet", "Let me check the tracking for you", "Thank you",
     "It is at your local post office since this morning", "Found it, all good!"),
)  # fmt: skip
GIFT_NOTES = ("You deserve it!", "Keep going", "Best stream of the week", "For the cake", "Thank you for this")
STREAM_TITLES = (
    "Cooking whatever you vote for",
    "Painting until midnight",
    "Ask me anything about film cameras",
    "Morning yoga for stiff people",
    "New collection, first look",
    "Guitar requests, easy ones please",
    "Packing your orders, come chat",
    "Learning to juggle live",
    "Study with me, 50 minutes",
    "Garden tour and plant questions",
    "Trying ten street snacks",
    "Late night coding",
)
STORY_CAPTIONS = (
    "Good morning", "On the road", "New in the shop", "Behind the scenes", "Guess where",
    "Monday again", "Work in progress", "Rain check", "Look who is here", "Tonight at eight",
)  # fmt: skip
SEARCHES = ("linen shirt", "mug", "desk lamp", "yoga mat", "notebook", "headphones", "gift for mum", "backpack")

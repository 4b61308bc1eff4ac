"""The categories of the demo's shops, what is sold in them and for how much (in USD)."""

from collections.abc import Sequence
from typing import NamedTuple


class Shelf(NamedTuple):
    name: str
    things: Sequence[str]
    prices: tuple[int, int]


class Department(NamedTuple):
    name: str
    icon: str
    color: str
    shelves: Sequence[Shelf]


DEPARTMENTS = (
    Department("Fashion", "shirt", "#E91E63", (
        Shelf("Women", ("Linen Dress", "Wool Cardigan", "Silk Scarf", "Wide Trousers"), (25, 140)),
        Shelf("Men", ("Oxford Shirt", "Chinos", "Merino Sweater", "Rain Jacket"), (25, 160)),
        Shelf("Shoes", ("Canvas Sneakers", "Leather Boots", "Sandals"), (35, 180)),
        Shelf("Bags", ("Tote Bag", "Backpack", "Weekender", "Belt Bag"), (18, 150)),
    )),
    Department("Beauty", "sparkles", "#9C27B0", (
        Shelf("Skin Care", ("Face Cream", "Clay Mask", "Facial Oil", "Sun Lotion"), (9, 60)),
        Shelf("Hair", ("Shampoo Bar", "Hair Oil", "Wooden Comb"), (7, 40)),
        Shelf("Fragrance", ("Solid Perfume", "Room Spray"), (15, 90)),
    )),
    Department("Home", "home", "#795548", (
        Shelf("Kitchen", ("Stoneware Mug", "Cutting Board", "Chef's Knife", "Tea Towel", "Salad Bowl"), (9, 120)),
        Shelf("Textiles", ("Linen Throw", "Cushion Cover", "Bath Towel", "Duvet Cover"), (15, 130)),
        Shelf("Lighting", ("Desk Lamp", "Paper Lantern", "Candle Holder"), (12, 140)),
        Shelf("Decoration", ("Vase", "Picture Frame", "Art Print", "Wall Mirror"), (10, 110)),
    )),
    Department("Electronics", "cpu", "#2196F3", (
        Shelf("Audio", ("Headphones", "Portable Speaker", "Turntable", "Earbuds"), (25, 320)),
        Shelf("Phones", ("Phone Case", "Tripod", "Charging Stand"), (10, 70)),
        Shelf("Computers", ("Mechanical Keyboard", "Trackball", "Laptop Sleeve", "USB Hub"), (19, 190)),
    )),
    Department("Sports", "dumbbell", "#4CAF50", (
        Shelf("Yoga", ("Yoga Mat", "Cork Block", "Meditation Cushion"), (12, 90)),
        Shelf("Outdoor", ("Camping Stove", "Water Bottle", "Hammock", "Trail Map"), (9, 160)),
        Shelf("Cycling", ("Bike Bell", "Handlebar Tape", "Frame Bag"), (9, 80)),
    )),
    Department("Art & Crafts", "brush", "#FF9800", (
        Shelf("Painting", ("Watercolour Set", "Sketchbook", "Brush Roll"), (8, 95)),
        Shelf("Needlework", ("Yarn Bundle", "Embroidery Kit", "Sewing Box"), (7, 70)),
        Shelf("Printing", ("Block Print Kit", "Ink Set", "Paper Pack"), (8, 60)),
    )),
    Department("Books & Music", "book", "#3F51B5", (
        Shelf("Cookbooks", ("Bread Book", "Soup Book", "Vegetable Book"), (14, 45)),
        Shelf("Vinyl", ("Jazz Record", "Folk Record", "Piano Record"), (15, 45)),
        Shelf("Stationery", ("Notebook", "Fountain Pen", "Weekly Planner"), (6, 85)),
    )),
    Department("Pets", "paw", "#607D8B", (
        Shelf("Dogs", ("Dog Collar", "Dog Bed", "Rope Toy"), (8, 110)),
        Shelf("Cats", ("Scratching Post", "Cat Tunnel", "Feeding Bowl"), (8, 95)),
    )),
)  # fmt: skip
ADJECTIVES = (
    "Handmade", "Organic", "Classic", "Everyday", "Little", "Soft", "Vintage", "Nordic", "Recycled",
    "Deep Blue", "Olive", "Sand", "Terracotta", "Midnight", "Light", "Sturdy", "Slow-made", "Mini",
)  # fmt: skip
PRAISE = (
    "Made in small batches and checked by hand before it leaves the workshop.",
    "Simple, sturdy and easy to repair; spare parts for ten years.",
    "Comes in plastic-free packaging, ready to be given away.",
    "Our most asked-for piece since the first market stall.",
    "Designed with the people who use it every day.",
    "Every one is a little different, as handmade things are.",
)
SIZES = ("S", "M", "L", "XL")
COLOURS = ("Sand", "Olive", "Ink", "Rust")
STORE_KINDS = ("Studio", "Goods", "Supply", "Workshop", "Collective", "& Daughters", "Works", "Corner")

"""Scenes drawn by chance: what is on an image says a mood, or says nothing."""

import io
import random
from enum import StrEnum

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
WIDTH, HEIGHT = 160, 120
_HORIZON = 80


class Mood(StrEnum):
    """What an image or a sentence says."""

    LOW = "low"
    WELL = "well"
    NEITHER = "neither"


# Of the sky above and at the horizon, and of the ground: the darkest and the brightest that there is.
_COLOURS: dict[Mood, tuple[tuple[Colour, Colour], tuple[Colour, Colour], tuple[Colour, Colour]]] = {
    Mood.LOW: (((20, 20, 45), (50, 45, 85)), ((70, 50, 80), (120, 85, 110)), ((25, 30, 35), (60, 60, 65))),
    Mood.WELL: (
        ((80, 150, 225), (140, 200, 255)),
        ((190, 220, 240), (250, 250, 255)),
        ((80, 150, 60), (150, 200, 110)),
    ),
    Mood.NEITHER: (
        ((130, 135, 140), (165, 170, 175)),
        ((165, 165, 165), (195, 195, 195)),
        ((85, 100, 80), (125, 130, 110)),
    ),
}
_FIGURES = {Mood.LOW: (1, 1), Mood.WELL: (4, 7), Mood.NEITHER: (2, 2)}


def scene(mood: Mood, chance: random.Random) -> bytes:
    """Return a JPEG of a scene: dusk, rain and one figure; bright, with several; or overcast, with two."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    above, below, ground = (_between(*each, chance) for each in _COLOURS[mood])
    for y in range(_HORIZON):
        draw.line([(0, y), (WIDTH, y)], _mixed(above, below, y / _HORIZON))
    draw.rectangle([0, _HORIZON, WIDTH, HEIGHT], ground)
    if mood is Mood.WELL:
        x, y, size = chance.randint(20, 140), chance.randint(12, 30), chance.randint(8, 14)
        draw.ellipse([x - size, y - size, x + size, y + size], (255, 235, 140))
    for _ in range(chance.randint(*_FIGURES[mood])):
        _figure(draw, mood, chance)
    if mood is Mood.LOW:
        for _ in range(chance.randint(60, 120)):
            x, y = chance.randint(0, WIDTH), chance.randint(0, HEIGHT)
            draw.line([(x, y), (x - 3, y + 9)], (150, 155, 175))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def _figure(draw: ImageDraw.ImageDraw, mood: Mood, chance: random.Random) -> None:
    x, foot, height = chance.randint(15, 145), chance.randint(90, 115), chance.randint(22, 34)
    top = foot - height
    brightest = 45 if mood is Mood.LOW else 230
    clothes = tuple(chance.randint(10, brightest) for _ in range(3))
    draw.ellipse([x - 4, top, x + 4, top + 8], _mixed((60, 45, 40), (225, 185, 160), chance.random()))
    draw.rectangle([x - 5, top + 9, x + 5, foot], clothes)


def _between(least: Colour, most: Colour, chance: random.Random) -> Colour:
    return _mixed(least, most, chance.random())


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue

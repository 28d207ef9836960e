"""Everything that the painter can draw, by theme.

A new thing is a decorated drawing in one of the modules and its name at the end of ORDER.
"""

from ml_models.starter.recipe.painter.thing import REGISTERED
from ml_models.starter.recipe.painter.things import (
    celestial,
    figures,
    fruit,
    household,
    pets,
    plants,
    shapes,
    vehicles,
    wildlife,
)

__all__ = [
    "CATALOGUE",
    "celestial",
    "figures",
    "fruit",
    "household",
    "pets",
    "plants",
    "shapes",
    "vehicles",
    "wildlife",
]

# A seed picks a thing by its position here, so the order is part of what the model was trained on.
ORDER = """
    cat dog rabbit bird fish
    house car boat
    tree pine flower sunflower cactus
    balloon hot_air_balloon
    apple banana cup chair
    heart star ball cube
    umbrella robot smiley
    moon sun cloud rainbow
    snowman butterfly mushroom rocket
"""

CATALOGUE = {name: REGISTERED[name] for name in ORDER.split()}

"""How the starter model is made: a painter of captioned scenes, a tokenizer, an autoencoder, a UNet.

`python -m ml_models.starter.recipe.build` runs it all; every stage is a module of its own with `--help`.
"""

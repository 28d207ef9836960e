"""The painter: flat poster-like scenes with captions, drawn with Pillow from nothing but a seed."""

from ml_models.starter.recipe.painter.scene import Info, Scene, scene

__all__ = ["Info", "Scene", "scene"]

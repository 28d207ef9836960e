"""The judge: classifiers that know only painted scenes say what they see in a model's samples."""

"""The mathematics: families, objectives, estimators, exact answers. Needs torch and nothing else."""

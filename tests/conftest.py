from hypothesis import settings

settings.register_profile("argmine", derandomize=True, deadline=None)
settings.load_profile("argmine")

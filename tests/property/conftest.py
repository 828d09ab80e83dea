"""Speed is measured elsewhere: a busy machine must not make a property fail."""

from hypothesis import HealthCheck, settings

settings.register_profile("xiutu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("xiutu-long", settings.get_profile("xiutu"), max_examples=2000)
settings.load_profile("xiutu")

import gc

# What is imported stays: searching it for garbage would take a tenth of a run. See conftest.
gc.disable()

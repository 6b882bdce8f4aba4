import math

# gelcap: export f(float)
def f(value):
    return math.sqr(vlaue)

import math

# gelcap: export f(float)
def f(x):
    return math.gamma(x)

# gelcap: export capsule f(float64)
# gelcap: export capsule f(float32)
def f(x):
    return x

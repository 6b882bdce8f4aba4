# gelcap: export capsule f(float64[::1])
def f(a):
    return a[0]

# gelcap: export f(float64[::1])
def f(a):
    a.shape = (2, 3)
    n = a.lenght
    return a.flags

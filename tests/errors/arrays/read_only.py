# gelcap: export f(const float64[::1])
def f(a):
    a[0] = 1.0
    a[1:] = 2.0
    v = a[2:]
    v[0] = 3.0

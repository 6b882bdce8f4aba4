# gelcap: export f(float64[::1], float, bool)
def f(a, x, flag):
    b = a[x]
    c = a[flag]
    d = a[a]
    e = a["x"]
    return a[..., ...] + a[0:1.5]

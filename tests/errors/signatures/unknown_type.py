# gelcap: export f(flaot64)
def f(x):
    return x

# gelcap: export rounded(float)
def rounded(x):
    return round(x, 23) + round(x, -30)

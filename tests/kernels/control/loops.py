"""for over range: steps, bounds that are read once, the variable after the loop, break, continue, else."""
# gelcap: export count(int, int, int)
# gelcap: export last(int)
# gelcap: export changed_bound(int)
# gelcap: export changed_variable(int)
# gelcap: export find(int, int)
# gelcap: export skip(int)
# gelcap: export nested(int)
# gelcap: export leave_both(int)
# gelcap: export extremes(int)
# gelcap: export extremes_down(int)
# gelcap: export return_inside(int)
# gelcap: export literal_down()
# gelcap: export break_value(int)


def count(lo, hi, step):
    total = 0
    for i in range(lo, hi, step):
        total += 1
    return total


def last(n):
    i = -1
    for i in range(n):
        pass
    return i


def changed_bound(n):
    rounds = 0
    for i in range(n):
        n = 0
        rounds += 1
    return rounds, n


def changed_variable(n):
    total = 0
    for i in range(n):
        i = i * 10
        total += i
    return total


def find(n, wanted):
    for i in range(n):
        if i * i == wanted:
            break
    else:
        return -1
    return i


def skip(n):
    total = 0
    for i in range(n):
        if i % 3 == 0:
            continue
        total += i
    else:
        total += 1000
    return total


def nested(n):
    total = 0
    for i in range(n):
        for j in range(i):
            if j > 3:
                break
            total += i * j
        else:
            total += 1
    return total


def leave_both(n):
    found = 0
    for i in range(n):
        for j in range(n):
            if i * j > 20:
                found = i * 100 + j
                break
        else:
            continue
        break
    return found


def extremes(n):
    total = 0
    for i in range(9223372036854775807 - n, 9223372036854775807, 2):
        total += 1
    return total


def extremes_down(n):
    total = 0
    for i in range(-9223372036854775807 + n, -9223372036854775808, -3):
        total += 1
    return total


def return_inside(n):
    for i in range(n):
        while True:
            if i > 4:
                return i
            break
    return -1


def literal_down():
    total = 0
    for i in range(10, 0, -1):
        total = total * 3 + i
    return total


def break_value(n):
    x = 0
    for i in range(n):
        x = i
        if x == 3:
            break
        x = -x
    return x


# run: count(0, 10, 1) == 10
# run: count(0, 10, 3) == 4
# run: count(10, 0, -3) == 4
# run: count(0, 10, -1) == 0
# run: count(10, 0, 1) == 0
# run: count(0, 10, 0) raises ValueError "range() arg 3 must not be zero"
# run: count(-5, 5, 100) == 1
# run: last(5) == 4
# run: last(0) == -1
# run: changed_bound(4) == (4, 0)
# run: changed_variable(4) == 60
# run: find(20, 49) == 7
# run: find(20, 50) == -1
# run: skip(10) == 1027
# run: nested(8) == 148
# run: leave_both(10) == 307
# run: extremes(9) == 5
# run: extremes(10) == 5
# run: extremes_down(10) == 4
# run: return_inside(10) == 5
# run: return_inside(3) == -1
# run: literal_down() == 280483
# run: break_value(10) == 3
# run: break_value(2) == -1

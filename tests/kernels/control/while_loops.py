"""while with break, continue and else."""
# gelcap: export digits(int)
# gelcap: export first_power(int)
# gelcap: export odd_sum(int)
# gelcap: export with_else(int, int)
# gelcap: export newton(float)
# gelcap: export forever(int)
# gelcap: export two_conditions(int, int)
# gelcap: export float_loop(float)


def digits(n):
    count = 0
    while n > 0:
        n //= 10
        count += 1
    return count


def first_power(limit):
    p = 1
    while True:
        if p > limit:
            break
        p *= 2
    return p


def odd_sum(n):
    i = 0
    total = 0
    while i < n:
        i += 1
        if i % 2 == 0:
            continue
        total += i
    return total


def with_else(n, stop):
    i = 0
    while i < n:
        if i == stop:
            break
        i += 1
    else:
        return -i
    return i


def newton(a):
    x = a
    while True:
        y = 0.5 * (x + a / x)
        if y == x or abs(y - x) < 1e-15 * x:
            return y
        x = y


def forever(n):
    while n:
        while n > 10:
            n -= 7
            if n == 20:
                continue
            if n < 5:
                return n
        n -= 1
    return -1


def two_conditions(a, b):
    steps = 0
    while a < 100 and b > 0 or steps < 3:
        a += b
        b -= 1
        steps += 1
    return a, b, steps


def float_loop(x):
    n = 0
    while x < 1.0:
        x += 0.1
        n += 1
    return n, x


# run: digits(123456) == 6
# run: digits(0) == 0
# run: first_power(1000) == 1024
# run: odd_sum(10) == 25
# run: with_else(5, 3) == 3
# run: with_else(5, 9) == -5
# run: newton(2.0) == 1.414213562373095
# run: newton(1e10) == 100000.0
# run: newton(0.0) raises ZeroDivisionError "float division by zero"
# run: forever(100) == -1
# run: forever(12) == -1
# run: forever(3) == -1
# run: two_conditions(0, 20) == (105, 14, 6)
# run: two_conditions(1000, -5) == (982, -8, 3)
# run: float_loop(0.0) == (11, 1.0999999999999999)
# run: float_loop(nan) == (0, nan)

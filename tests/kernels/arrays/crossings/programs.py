"""Whole kernels as people write them."""
import numpy as np

# types: from-arguments
# let: x = (np.arange(40.0) * 7.3) % 5.0 - 2.0
# let: m = ((np.arange(36.0) * 3.7) % 11.0).reshape(6, 6)


def axpy(a, x, y):
    for i in range(x.shape[0]):
        y[i] = a * x[i] + y[i]


def naive_convolve(f, g):
    if g.shape[0] % 2 != 1 or g.shape[1] % 2 != 1:
        raise ValueError("Only odd dimensions on filter supported")
    vmax = f.shape[0]
    wmax = f.shape[1]
    smax = g.shape[0]
    tmax = g.shape[1]
    smid = smax // 2
    tmid = tmax // 2
    xmax = vmax + 2 * smid
    ymax = wmax + 2 * tmid
    h = np.zeros([xmax, ymax], dtype=f.dtype)
    for x in range(xmax):
        for y in range(ymax):
            s_from = max(smid - x, -smid)
            s_to = min((xmax - x) - smid, smid + 1)
            t_from = max(tmid - y, -tmid)
            t_to = min((ymax - y) - tmid, tmid + 1)
            value = 0
            for s in range(s_from, s_to):
                for t in range(t_from, t_to):
                    v = x - smid + s
                    w = y - tmid + t
                    value += g[smid - s, tmid - t] * f[v, w]
            h[x, y] = value
    return h


def jacobi(u, n):
    for _ in range(n):
        v = u.copy()
        v[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
        u = v
    return u


def gauss(a, b):
    n = len(b)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[p, k]):
                p = i
        if a[p, k] == 0:
            raise ValueError("singular")
        if p != k:
            for j in range(n):
                a[k, j], a[p, j] = a[p, j], a[k, j]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            c = a[i, k] / a[k, k]
            a[i, k:] -= c * a[k, k:]
            b[i] -= c * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= a[i, j] * x[j]
        x[i] = s / a[i, i]
    return x


def histogram(x, bins, low, high):
    out = np.zeros(bins, np.int64)
    for v in x:
        if low <= v < high:
            out[int((v - low) / (high - low) * bins)] += 1
    return out


def n_body(pos, vel, mass, dt):
    n = pos.shape[0]
    for i in range(n):
        for j in range(n):
            if i != j:
                d = pos[j] - pos[i]
                r2 = (d * d).sum() + 0.01
                vel[i] += dt * mass[j] * d / (r2 * np.sqrt(r2))
    pos += vel * dt
    return 0.5 * (mass * (vel * vel).sum()).sum()


def life(board):
    n, m = board.shape
    out = np.zeros_like(board)
    for i in range(n):
        for j in range(m):
            c = 0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if di != 0 or dj != 0:
                        c += board[(i + di) % n, (j + dj) % m]
            out[i, j] = c == 3 or (c == 2 and board[i, j] == 1)
    return out


def mandelbrot(n, limit):
    out = np.zeros((n, n), np.uint8)
    for i in range(n):
        for j in range(n):
            cr = -2.0 + 3.0 * j / n
            ci = -1.5 + 3.0 * i / n
            zr = 0.0
            zi = 0.0
            k = 0
            while k < limit and zr * zr + zi * zi <= 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                k += 1
            out[i, j] = k
    return out


def sieve(n):
    prime = np.ones(n, dtype=np.bool_)
    prime[:2] = False
    for p in range(2, n):
        if p * p >= n:
            break
        if prime[p]:
            prime[p * p :: p] = False
    return prime


def smooth(x, k):
    out = np.empty(len(x) - k + 1)
    for i in range(len(out)):
        out[i] = x[i : i + k].mean()
    return out


def lcs(a, b):
    t = np.zeros((len(a) + 1, len(b) + 1), np.int32)
    for i in range(len(a)):
        for j in range(len(b)):
            if a[i] == b[j]:
                t[i + 1, j + 1] = t[i, j] + 1
            else:
                t[i + 1, j + 1] = max(t[i, j + 1], t[i + 1, j])
    return t[-1, -1]


def crc(data):
    c = np.uint32(0xFFFFFFFF)
    for v in data:
        c ^= np.uint32(v)
        for _ in range(8):
            if c & np.uint32(1):
                c = (c >> np.uint32(1)) ^ np.uint32(0xEDB88320)
            else:
                c >>= np.uint32(1)
    return ~c


# run: axpy(2.0, x[:5], np.ones(5))
# run: axpy(2.0, x[::-8], np.ones(5, np.float32))
# run: axpy(2.0, x, np.ones(5)) raises IndexError
# run: naive_convolve(m, np.arange(9.0).reshape(3, 3))
# run: naive_convolve(m.astype(np.int64), np.arange(9).reshape(3, 3))
# run: naive_convolve(m.astype(np.float32), np.arange(9, dtype=np.float32).reshape(3, 3))
# run: naive_convolve(m.astype(np.int32), np.arange(15, dtype=np.int32).reshape(3, 5))
# run: naive_convolve(m.T, np.arange(9.0).reshape(3, 3).T)
# run: naive_convolve(m[::2, ::-1], np.arange(3.0).reshape(1, 3))
# run: naive_convolve(m, np.zeros((2, 3))) raises ValueError "Only odd dimensions on filter supported"
# run: naive_convolve(np.zeros((0, 0)), np.ones((1, 1)))
# run: jacobi(m, 0)
# run: jacobi(m, 3)
# run: jacobi(np.asfortranarray(m), 2)
# run: jacobi(m[:2], 2)
# run: gauss(m + 20.0 * (np.arange(6)[:, None] == np.arange(6)), x[:6])
# run: gauss(m[:3, :3].T, x[3:6])
# run: gauss(np.zeros((2, 2)), x[:2]) raises ValueError "singular"
# run: histogram(x, 4, -2.0, 2.0)
# run: histogram(x.astype(np.float32), 3, -1.0, 1.0)
# run: histogram(x[:0], 3, -1.0, 1.0)
# run: histogram(np.array([nan, inf, 0.0]), 3, -1.0, 1.0)
# run: n_body(m[:3, :3], np.zeros((3, 3)), np.array([1.0, 2.0, 3.0]), 0.01)
# run: n_body(m[:2, :2].T, np.ones((2, 2)), np.array([1, 2]), 0.5)
# run: life((m > 5.0).astype(np.int8))
# run: life((m > 5.0).astype(np.uint8).T)
# run: mandelbrot(8, 50)
# run: mandelbrot(4, 300) raises OverflowError
# run: sieve(50)
# run: sieve(2)
# run: sieve(0)
# run: smooth(x, 5)
# run: smooth(x[::-2], 1)
# run: smooth(x[:3], 5) raises ValueError
# run: lcs(np.array([1, 2, 3, 2, 4]), np.array([2, 3, 4, 1, 2, 4]))
# run: lcs(np.array([1, 2, 3], np.int8), np.array([2.0, 3.0]))
# run: lcs(np.zeros(0), np.zeros(2))
# run: crc(np.frombuffer(bytearray(b"123456789"), np.uint8))
# run: crc(np.zeros(0, np.uint8))

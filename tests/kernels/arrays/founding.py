"""`naive_convolve` as the founding document has it, list for a shape and all."""
import numpy as np

# types: from-arguments
# let: f = np.arange(35, dtype=np.float64).reshape(5, 7) / 3
# let: g = np.array([[1.0, 2.0, 1.0], [0.0, 0.5, -1.0], [2.0, 0.25, 3.0]])
# let: i = np.arange(20).reshape(4, 5)
# let: k = np.array([[1, -2, 3]])


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


# run: naive_convolve(f, g)
# run: naive_convolve(f.T, g)
# run: naive_convolve(f[::2, ::-1], g.T)
# run: naive_convolve(np.asfortranarray(f), g)
# run: naive_convolve(i, k)
# run: naive_convolve(i.astype(np.int32), k.astype(np.int32))
# run: naive_convolve(f.astype(np.float32), g.astype(np.float32))
# run: naive_convolve(f, g[:2]) raises ValueError "Only odd dimensions on filter supported"
# run: naive_convolve(f[:0], g)
# run: naive_convolve(i, g) 

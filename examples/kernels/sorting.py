"""Shell sort, a few exchanges a frame."""
# title: Sorting made visible
# shape: image = 220, 400, 4
# shape: values = 200
# shape: place = 3
# slider: speed 1 200 40
# animate: yes


def init(values: "float64[::1]", place: "int64[::1]") -> None:
    state = 99
    for k in range(len(values)):
        state = (state * 1103515245 + 12345) % 2147483648
        values[k] = state / 2147483648.0
    place[0] = 132
    place[1] = place[2] = 132


def frame(image: "uint8[:, :, ::1]", values: "float64[::1]", place: "int64[::1]", speed: int) -> int:
    gap, start, at = int(place[0]), int(place[1]), int(place[2])
    for _ in range(speed):
        if gap == 0:
            break
        if start >= len(values):
            gap = 0 if gap == 1 else max(1, gap * 3 // 7)
            start = at = gap
        elif at >= gap and values[at - gap] > values[at]:
            values[at - gap], values[at] = values[at], values[at - gap]
            at -= gap
        else:
            start += 1
            at = start
    place[0], place[1], place[2] = gap, start, at
    height, width = image.shape[0], image.shape[1]
    each = width // len(values)
    for k in range(len(values)):
        top = height - int(values[k] * (height - 4)) - 2
        for x in range(k * each, (k + 1) * each):
            for y in range(height):
                bar = y >= top
                image[y, x, 0] = (250 if gap > 0 and k == at else int(60.0 + 170.0 * values[k])) if bar else 22
                image[y, x, 1] = (220 if gap > 0 and k == at else int(190.0 - 90.0 * values[k])) if bar else 24
                image[y, x, 2] = 160 if bar else 32
                image[y, x, 3] = 255
    return gap

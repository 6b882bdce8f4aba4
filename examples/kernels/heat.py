"""The heat equation. Press into the plate to heat it."""
# title: Heat equation
# shape: image = 200, 300, 4
# shape: plate = 200, 300
# shape: scratch = 200, 300
# slider: conduction 0.05 0.25 0.24
# slider: rounds 1 40 20
# animate: yes


def init(plate: "float64[:, ::1]") -> None:
    height, width = plate.shape
    for x in range(width // 4, 3 * width // 4):
        for y in range(height // 2 - 6, height // 2 + 6):
            plate[y, x] = 1.0


def frame(
    image: "uint8[:, :, ::1]", plate: "float64[:, ::1]", scratch: "float64[:, ::1]", conduction: float, rounds: int,
    mouse_x: float, mouse_y: float, mouse_down: bool,
) -> float:
    height, width = plate.shape
    if mouse_down:
        for y in range(max(1, int(mouse_y) - 8), min(height - 1, int(mouse_y) + 8)):
            for x in range(max(1, int(mouse_x) - 8), min(width - 1, int(mouse_x) + 8)):
                plate[y, x] = 1.0
    for _ in range(rounds):
        scratch[:, :] = plate
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                around = scratch[y - 1, x] + scratch[y + 1, x] + scratch[y, x - 1] + scratch[y, x + 1]
                plate[y, x] = scratch[y, x] + conduction * (around - 4.0 * scratch[y, x])
    hottest = 0.0
    for y in range(height):
        for x in range(width):
            heat = min(max(plate[y, x], 0.0), 1.0)
            hottest = max(hottest, heat)
            image[y, x, 0] = int(255.0 * min(1.0, 2.2 * heat))
            image[y, x, 1] = int(255.0 * min(1.0, max(0.0, 2.6 * heat - 0.7)))
            image[y, x, 2] = int(255.0 * max(0.25 * (1.0 - heat), 4.0 * heat - 3.0))
            image[y, x, 3] = 255
    return hottest

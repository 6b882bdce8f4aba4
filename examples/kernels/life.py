"""Conway's game of life on a torus. Press to draw cells."""
# title: Game of life
# shape: image = 200, 300, 4
# shape: cells = 200, 300
# shape: before = 200, 300
# slider: fading 0 250 200
# animate: yes


def init(cells: "uint8[:, ::1]") -> None:
    height, width = cells.shape
    state = 12345
    for y in range(height):
        for x in range(width):
            state = (state * 1103515245 + 12345) % 2147483648
            cells[y, x] = 1 if state // 65536 % 4 == 0 else 0


def frame(
    image: "uint8[:, :, ::1]", cells: "uint8[:, ::1]", before: "uint8[:, ::1]", fading: int, mouse_x: float, mouse_y: float,
    mouse_down: bool,
) -> int:
    height, width = cells.shape
    if mouse_down:
        x, y = int(mouse_x), int(mouse_y)
        for k in range(-3, 4):
            if 0 <= x + k < width and 0 <= y < height:
                cells[y, x + k] = 1
    before[:, :] = cells
    alive = 0
    for y in range(height):
        up, down = (y - 1) % height, (y + 1) % height
        for x in range(width):
            left, right = (x - 1) % width, (x + 1) % width
            around = int(before[up, left]) + int(before[up, x]) + int(before[up, right]) + int(before[y, left])
            around += int(before[y, right]) + int(before[down, left]) + int(before[down, x]) + int(before[down, right])
            lives = around == 3 or (around == 2 and before[y, x] == 1)
            cells[y, x] = 1 if lives else 0
            alive += 1 if lives else 0
            old = int(image[y, x, 1])
            image[y, x, 1] = 235 if lives else old * fading // 256
            image[y, x, 0] = 120 if lives else 12
            image[y, x, 2] = 140 if lives else 30 + old * fading // 512
            image[y, x, 3] = 255
    return alive

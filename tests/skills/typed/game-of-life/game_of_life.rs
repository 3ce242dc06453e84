enum Cell {
    Dead,
    Alive,
}

fn neighbours(grid: &[Vec<bool>], r: usize, c: usize) -> usize {
    let rows = r.saturating_sub(1)..=r + 1;
    rows.filter_map(|y| grid.get(y).map(|row| (y, row)))
        .flat_map(|(y, row)| {
            (c.saturating_sub(1)..=c + 1)
                .filter(move |&x| (y, x) != (r, c))
                .filter_map(move |x| row.get(x))
        })
        .filter(|alive| **alive)
        .count()
}

pub fn next_step(grid: &[Vec<bool>]) -> Vec<Vec<bool>> {
    let mut next = grid.to_vec();
    for (r, row) in grid.iter().enumerate() {
        for (c, &alive) in row.iter().enumerate() {
            next[r][c] = matches!((alive, neighbours(grid, r, c)), (true, 2 | 3) | (false, 3));
        }
    }
    next
}

pub fn population(grid: &Vec<Vec<bool>>) -> u32 {
    grid.iter().flatten().map(|&alive| alive as u32).sum()
}

pub fn run(grid: Vec<Vec<bool>>, generations: u8) -> Vec<Vec<bool>> {
    (0..generations).fold(grid, |grid, _| next_step(&grid))
}

fn cells(grid: &[Vec<bool>]) -> Vec<Vec<Cell>> {
    let cell = |&alive: &bool| if alive { Cell::Alive } else { Cell::Dead };
    grid.iter().map(|row| row.iter().map(cell).collect()).collect()
}

fn show(grid: &[Vec<Cell>]) -> Vec<String> {
    grid.iter()
        .map(|row| row.iter().map(|c| if let Cell::Alive = c { '#' } else { '.' }).collect())
        .collect()
}

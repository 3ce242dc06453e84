#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

pub fn area(polygon: &[Point]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    let twice: f64 = polygon.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum();
    twice.abs() / 2.0
}

pub fn perimeter(polygon: &Vec<Point>) -> f64 {
    let mut sum = 0.0;
    for i in 0..polygon.len() {
        let (a, b) = (&polygon[i], &polygon[(i + 1) % polygon.len()]);
        sum += (a.x - b.x).hypot(a.y - b.y);
    }
    sum
}

pub fn translate(polygon: &[Point], by: &Point) -> Vec<Point> {
    polygon.iter().map(|p| Point { x: p.x + by.x, y: p.y + by.y }).collect()
}

pub fn midpoint(a: Point, b: Point) -> Point {
    Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 }
}

fn main() {
    println!("{:?}", midpoint(Point::default(), Point { x: 1.0, y: 1.0 }));
}

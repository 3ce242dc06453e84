#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

struct Rect {
    low: Point,
    high: Point,
}

impl Rect {
    fn around(p: Point) -> Self {
        Rect { low: p, high: p }
    }

    fn extend(mut self, p: Point) -> Self {
        self.low = Point { x: self.low.x.min(p.x), y: self.low.y.min(p.y) };
        self.high = Point { x: self.high.x.max(p.x), y: self.high.y.max(p.y) };
        self
    }

    fn holds(&self, p: &Point) -> bool {
        p.x >= self.low.x && p.x <= self.high.x && p.y >= self.low.y && p.y <= self.high.y
    }
}

fn bounding_box(points: &[Point]) -> Option<Rect> {
    let (&first, rest) = points.split_first()?;
    Some(rest.iter().copied().fold(Rect::around(first), Rect::extend))
}

fn centroid(points: &[Point]) -> Point {
    let n = points.len() as f64;
    Point {
        x: points.iter().map(|p| p.x).sum::<f64>() / n,
        y: points.iter().map(|p| p.y).sum::<f64>() / n,
    }
}

fn contains(r#box: &Rect, p: Point) -> bool {
    r#box.holds(&p)
}

fn corners(bounds: Rect) -> Vec<Point> {
    let Rect { low, high } = bounds;
    vec![low, Point { x: high.x, y: low.y }, high, Point { x: low.x, y: high.y }]
}

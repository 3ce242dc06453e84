#![allow(dead_code)]

mod shapes {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum ShapeKind {
        Circle,
        Square,
        RightTriangle,
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct Shape {
        pub kind: ShapeKind,
        pub size: f64,
    }

    pub trait Area {
        fn area(&self) -> f64;
    }

    impl Area for Shape {
        fn area(&self) -> f64 {
            match self.kind {
                ShapeKind::Circle => std::f64::consts::PI * self.size.powi(2),
                ShapeKind::Square => self.size * self.size,
                ShapeKind::RightTriangle => self.size * self.size / 2.0,
            }
        }
    }

    impl std::str::FromStr for ShapeKind {
        type Err = String;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            match text.to_ascii_lowercase().as_str() {
                "circle" => Ok(Self::Circle),
                "square" => Ok(Self::Square),
                "right-triangle" => Ok(Self::RightTriangle),
                other => Err(format!("unknown shape `{other}`")),
            }
        }
    }
}

use std::collections::BTreeMap;

use shapes::{Area, Shape, ShapeKind};

#[derive(Default)]
pub struct Report {
    pub total_area: f64,
    pub largest: Option<Shape>,
    pub by_kind: Vec<(ShapeKind, u32)>,
}

pub fn summarize(shapes: &[shapes::Shape]) -> Report {
    let mut report = Report::default();
    let mut counts = BTreeMap::new();
    for shape in shapes {
        report.total_area += shape.area();
        *counts.entry(shape.kind).or_default() += 1;
    }
    report.largest = shapes.iter().max_by(|a, b| a.area().total_cmp(&b.area())).cloned();
    report.by_kind = counts.into_iter().collect();
    report
}

pub fn scale(s: Shape, factor: f64) -> Shape {
    Shape { size: s.size * factor, ..s }
}

pub fn parse_kind(text: &str) -> Result<ShapeKind, String> {
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales() {
        let shape = Shape { kind: ShapeKind::Square, size: 2.0 };
        assert_eq!(scale(shape, 2.0).size, 4.0);
    }
}

fn main() {
    println!("{}", summarize(&[]).total_area);
}

#[derive(Clone, Copy)]
pub enum StockState {
    InStock,
    Low,
    SoldOut,
}

#[derive(Clone)]
pub struct Dimensions {
    pub width: u16,
    pub height: u16,
}

#[derive(Clone)]
pub struct Product {
    pub sku: String,
    pub size: Option<Dimensions>,
    pub tags: Vec<String>,
    pub state: StockState,
}

pub struct Warehouse {
    pub city: String,
    pub shelves: Vec<(Product, u32)>,
}

impl From<u32> for StockState {
    fn from(left: u32) -> Self {
        match left {
            0 => StockState::SoldOut,
            1..5 => StockState::Low,
            _ => StockState::InStock,
        }
    }
}

pub fn total(warehouses: &[Warehouse]) -> u64 {
    warehouses.iter().flat_map(|house| &house.shelves).map(|(_, n)| u64::from(*n)).sum()
}

pub fn find_sku(warehouses: &[Warehouse], sku: &str) -> Option<Product> {
    let mut shelves = warehouses.iter().flat_map(|house| house.shelves.iter());
    shelves.find(|(product, _)| product.sku == sku).map(|(product, _)| product.clone())
}

pub fn take(mut from_house: Warehouse, sku: &str, count: u32) -> Result<Warehouse, String> {
    let Warehouse { city, shelves } = &mut from_house;
    let Some((product, left)) = shelves.iter_mut().find(|(product, _)| product.sku == sku) else {
        return Err(format!("no {sku} in {city}"));
    };
    if *left < count {
        return Err(format!("only {left} of {sku} in {city}"));
    }
    *left -= count;
    product.state = (*left).into();
    Ok(from_house)
}

pub fn tags(house: &Warehouse) -> Vec<Vec<String>> {
    house.shelves.iter().map(|(product, _)| product.tags.clone()).collect()
}

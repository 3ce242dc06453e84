use std::net::Ipv4Addr;

type Octets = (u8, u8, u8, u8);

pub fn parse(text: &str) -> Result<Octets, String> {
    let mut octets = [0u8; 4];
    let mut parts = text.splitn(4, '.');
    for (i, octet) in octets.iter_mut().enumerate() {
        let part = parts.next().unwrap_or("");
        *octet = part.parse::<u8>().map_err(|_| format!("octet {} of {text}", i + 1))?;
    }
    let [a, b, c, d] = octets;
    Ok((a, b, c, d))
}

fn address(octets: Octets) -> Ipv4Addr {
    Ipv4Addr::new(octets.0, octets.1, octets.2, octets.3)
}

pub fn to_number(octets: Octets) -> u32 {
    u32::from(address(octets))
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

pub fn same_network(a: Octets, b: (u8, u8, u8, u8), prefix: u8) -> bool {
    (to_number(a) ^ to_number(b)) & mask(prefix) == 0
}

pub fn network(octets: &Octets, prefix: u8) -> (u8, u32, bool) {
    (prefix, to_number(*octets) & mask(prefix), address(*octets).is_private())
}

#include <cmath>

double to_celsius(double fahrenheit) { return (fahrenheit - 32.0) * 5.0 / 9.0; }

double round_to_tenth(double degrees) { return std::round(degrees * 10.0) / 10.0; }

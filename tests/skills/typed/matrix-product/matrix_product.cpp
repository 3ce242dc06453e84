#include <bits/stdc++.h>
using namespace std;

typedef vector<vector<double>> Matrix;

// Throws when the shapes do not fit.
Matrix multiply(const Matrix &a, const Matrix &b) {
    size_t rows = a.size(), inner = b.size();
    size_t cols = b.empty() ? 0 : b[0].size();
    size_t width = a.empty() ? 0 : a[0].size();
    if (width != inner) {
        throw invalid_argument("shapes " + to_string(rows) + "x" + to_string(width) + " and " +
                               to_string(inner) + "x" + to_string(cols) + " do not match");
    }
    Matrix c(rows, vector<double>(cols, 0.0));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            for (size_t k = 0; k < inner; k++)
                c[i][j] += a[i][k] * b[k][j];
    return c;
}

vector<vector<int>> transpose(vector<vector<int>> &matrix) {
    if (matrix.empty()) return {};
    int m = matrix.size(), n = matrix[0].size();
    vector<vector<int>> result(n, vector<int>(m));
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j)
            result[j][i] = matrix[i][j];
    return result;
}

optional<double> trace(const Matrix &matrix) {
    double sum = 0;
    for (size_t i = 0; i < matrix.size(); ++i) {
        if (matrix[i].size() != matrix.size()) return nullopt;
        sum += matrix[i][i];
    }
    return sum;
}

int main() {
    Matrix a = {{1, 2}, {3, 4}};
    for (auto &row : multiply(a, a)) {
        for (double x : row) cout << x << ' ';
        cout << '\n';
    }
}

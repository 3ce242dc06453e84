#include <bits/stdc++.h>
using namespace std;

vector<int> twoSum(vector<int>& nums, int target) {
    unordered_map<int, int> seen;
    for (int i = 0; i < nums.size(); ++i) {
        auto it = seen.find(target - nums[i]);
        if (it != seen.end()) return {it->second, i};
        seen[nums[i]] = i;
    }
    return {};
}

int maxProfit(vector<int>& prices) {
    int best = 0, low = INT_MAX;
    for (int p : prices) {
        low = min(low, p);
        best = max(best, p - low);
    }
    return best;
}

vector<vector<int>> transpose(vector<vector<int>>& matrix) {
    vector<vector<int>> ans(matrix[0].size(), vector<int>(matrix.size()));
    for (int i = 0; i < matrix.size(); i++)
        for (int j = 0; j < matrix[0].size(); j++) ans[j][i] = matrix[i][j];
    return ans;
}

bool searchMatrix(vector<vector<int>>& matrix, int target) {
    for (auto& row : matrix)
        if (binary_search(row.begin(), row.end(), target)) return true;
    return false;
}

int lengthOfLongestSubstring(string s) {
    vector<int> last(256, -1);
    int best = 0, left = 0;
    for (int right = 0; right < s.size(); right++) {
        left = max(left, last[(unsigned char)s[right]] + 1);
        last[(unsigned char)s[right]] = right;
        best = max(best, right - left + 1);
    }
    return best;
}

vector<int> sortedSquares(vector<int>& nums) {
    for (int& n : nums) n *= n;
    sort(nums.begin(), nums.end());
    return nums;
}

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/**
 * Note: The returned array must be malloced, assume caller calls free().
 */
int* twoSum(int* nums, int numsSize, int target, int* returnSize) {
    for (int i = 0; i < numsSize; i++) {
        for (int j = i + 1; j < numsSize; j++) {
            if (nums[i] + nums[j] == target) {
                int* pair = (int*)malloc(2 * sizeof(int));
                pair[0] = i;
                pair[1] = j;
                *returnSize = 2;
                return pair;
            }
        }
    }
    *returnSize = 0;
    return NULL;
}

int maxProfit(int* prices, int pricesSize) {
    int best = 0;
    for (int i = 1, low = 0; i < pricesSize; i++) {
        if (prices[i] < prices[low]) low = i;
        if (prices[i] - prices[low] > best) best = prices[i] - prices[low];
    }
    return best;
}

/**
 * Return an array of arrays of size *returnSize.
 * The sizes of the arrays are returned as *returnColumnSizes array.
 * Note: Both returned array and *columnSizes array must be malloced, assume caller calls free().
 */
int** transpose(int** matrix, int matrixSize, int* matrixColSize, int* returnSize, int** returnColumnSizes) {
    int rows = matrixColSize[0];
    int** out = malloc(rows * sizeof(int*));
    *returnColumnSizes = malloc(rows * sizeof(int));
    *returnSize = rows;
    for (int j = 0; j < rows; j++) {
        out[j] = malloc(matrixSize * sizeof(int));
        (*returnColumnSizes)[j] = matrixSize;
        for (int i = 0; i < matrixSize; i++) out[j][i] = matrix[i][j];
    }
    return out;
}

bool searchMatrix(int** matrix, int matrixSize, int* matrixColSize, int target) {
    int row = 0, col = matrixSize ? matrixColSize[0] - 1 : -1;
    while (row < matrixSize && col >= 0) {
        if (matrix[row][col] == target) return true;
        if (matrix[row][col] > target) col--;
        else row++;
    }
    return false;
}

int lengthOfLongestSubstring(char* s) {
    int last[256], best = 0, left = 0;
    memset(last, -1, sizeof last);
    for (int right = 0; s[right]; right++) {
        unsigned char c = s[right];
        if (last[c] >= left) left = last[c] + 1;
        last[c] = right;
        int length = right - left + 1;
        if (length > best) best = length;
    }
    return best;
}

static int cmp(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }

int* sortedSquares(int* nums, int numsSize, int* returnSize) {
    int* out = malloc(numsSize * sizeof(int));
    for (int i = 0; i < numsSize; i++) out[i] = nums[i] * nums[i];
    qsort(out, numsSize, sizeof(int), cmp);
    *returnSize = numsSize;
    return out;
}

extension Array where Element: Comparable {
    /// The element that would be at `rank` if the array were sorted, in time proportional to its length on average;
    /// reorders the array.
    ///
    /// Hoare's selection (C. A. R. Hoare, "Algorithm 65: Find", Communications of the ACM 4(7), 1961) around the middle
    /// of three. Inlinable, to be compiled for the type of its elements: the generic one allocates at each swap.
    @inlinable package mutating func select(_ rank: Int) -> Element {
        precondition(indices.contains(rank))
        var low = 0
        var high = count - 1
        while low < high {
            let pivot = middle(self[low], self[low + (high - low) / 2], self[high])
            var left = low
            var right = high
            while left <= right {
                while self[left] < pivot { left += 1 }
                while pivot < self[right] { right -= 1 }
                guard left <= right else { break }
                swapAt(left, right)
                left += 1
                right -= 1
            }
            if rank <= right {
                high = right
            } else if rank >= left {
                low = left
            } else {
                break
            }
        }
        return self[rank]
    }

    @inlinable func middle(_ a: Element, _ b: Element, _ c: Element) -> Element {
        Swift.max(Swift.min(a, b), Swift.min(Swift.max(a, b), c))
    }
}

package promo

import (
	"slices"

	"dashop/store/catalog"
)

// Scope says which goods something is about.
type Scope struct {
	Kind   ScopeKind
	IDs    []int64 // of categories, brands, products or SKUs; none for all
	sorted bool    // IDs ascend, so that one is found quickly
}

// ScopeKind is what the ids of a scope are of.
type ScopeKind string

const (
	ScopeAll      ScopeKind = "all"
	ScopeCategory ScopeKind = "category" // of any level
	ScopeBrand    ScopeKind = "brand"
	ScopeSPU      ScopeKind = "spu"
	ScopeSKU      ScopeKind = "sku"
)

// NewScope makes a scope that is quick to ask however many ids it has. One that is written as a literal works as well.
func NewScope(kind ScopeKind, ids ...int64) Scope {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return Scope{kind, slices.Compact(ids), true}
}

// Contains says whether a SKU is in the scope.
func (s Scope) Contains(k catalog.SKU) bool { return s.contains(&k) }

func (s *Scope) contains(k *catalog.SKU) bool {
	switch s.Kind {
	case ScopeAll:
		return true
	case ScopeCategory:
		return s.has(k.Category1) || s.has(k.Category2) || s.has(k.Category3)
	case ScopeBrand:
		return s.has(k.BrandID)
	case ScopeSPU:
		return s.has(k.SPUID)
	case ScopeSKU:
		return s.has(k.ID)
	}
	return false
}

// few ids are looked through faster than searched.
const few = 8

func (s *Scope) has(id int64) bool {
	if !s.sorted || len(s.IDs) <= few {
		return slices.Contains(s.IDs, id)
	}
	_, found := slices.BinarySearch(s.IDs, id)
	return found
}

// Goods are the products that a list of the scope's goods is of.
func (s Scope) Goods() catalog.Within {
	switch s.Kind {
	case ScopeAll:
		return catalog.Within{All: true}
	case ScopeCategory:
		return catalog.Within{Categories: s.IDs}
	case ScopeBrand:
		return catalog.Within{Brands: s.IDs}
	case ScopeSPU:
		return catalog.Within{SPUs: s.IDs}
	}
	return catalog.Within{SKUs: s.IDs}
}

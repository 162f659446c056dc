package catalog

import "slices"

// Choice is one option of a spec on the product page, and the SKU to which choosing it leads.
type Choice struct {
	Option
	Chosen        bool
	SKU           SKU
	ChangesOthers bool // no SKU has this option and all others chosen now, so that choosing it changes some of those too
	Disabled      bool // ChangesOthers, and the option can be reached by changing one spec after another instead
}

// SpecChoice is a spec with what choosing each of its options would do.
type SpecChoice struct {
	Spec    Spec
	Choices []Choice
}

// Choose is the SKU with this id if it is one of the product's on sale; else the first in stock, else the first.
func (p Product) Choose(skuID int64) SKU {
	if i := slices.IndexFunc(p.SKUs, func(k SKU) bool { return k.ID == skuID }); i >= 0 {
		return p.SKUs[i]
	}
	if i := slices.IndexFunc(p.SKUs, func(k SKU) bool { return k.Sellable(1) }); i >= 0 {
		return p.SKUs[i]
	}
	return p.SKUs[0]
}

// Choices are the specs of the product seen from the chosen SKU.
func (p Product) Choices(chosen SKU) []SpecChoice {
	var specs []SpecChoice
	near := p.reachable(chosen)
	for _, spec := range p.Specs {
		sc := SpecChoice{Spec: spec}
		for _, o := range spec.Options {
			c := p.choice(chosen, spec, o)
			c.Disabled = c.ChangesOthers && slices.ContainsFunc(near, func(k SKU) bool { return k.has(o.ID) })
			sc.Choices = append(sc.Choices, c)
		}
		specs = append(specs, sc)
	}
	return specs
}

// choice leads to the SKU with option o that keeps most of the other options; among equals to one in stock.
func (p Product) choice(chosen SKU, spec Spec, o Option) Choice {
	c := Choice{Option: o, Chosen: chosen.has(o.ID), SKU: chosen}
	if c.Chosen {
		return c
	}
	others := slices.DeleteFunc(slices.Clone(chosen.OptionIDs), func(id int64) bool {
		return slices.ContainsFunc(spec.Options, func(o Option) bool { return o.ID == id })
	})
	best := -1
	for _, k := range p.SKUs {
		if !k.has(o.ID) {
			continue
		}
		kept := 0
		for _, id := range others {
			if k.has(id) {
				kept++
			}
		}
		score := 2 * kept
		if k.Sellable(1) {
			score++
		}
		if score > best {
			best, c.SKU, c.ChangesOthers = score, k, kept < len(others)
		}
	}
	return c
}

// reachable are the SKUs to which changes of one spec at a time lead.
func (p Product) reachable(from SKU) []SKU {
	near, far := []SKU{from}, slices.DeleteFunc(slices.Clone(p.SKUs), func(k SKU) bool { return k.ID == from.ID })
	for i := 0; i < len(near); i++ {
		var left []SKU
		for _, k := range far {
			if near[i].differs(k) == 1 {
				near = append(near, k)
			} else {
				left = append(left, k)
			}
		}
		far = left
	}
	return near
}

// differs is in how many specs two SKUs of a product differ.
func (s SKU) differs(o SKU) int {
	n := 0
	for _, id := range s.OptionIDs {
		if !o.has(id) {
			n++
		}
	}
	return n
}

func (s SKU) has(optionID int64) bool { return slices.Contains(s.OptionIDs, optionID) }

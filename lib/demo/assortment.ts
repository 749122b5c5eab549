/**
 * What the sample shop sells: departments and their families of goods, as data.
 * Brands are invented; a family's prices are those of its smallest size, in cents.
 */
export type Family = {
  readonly noun: string;
  readonly varieties: readonly string[];
  readonly sizes: readonly string[];
  readonly cents: readonly [low: number, high: number];
};

export type DepartmentKind = 'plain' | 'weighed' | 'batches';

export type DepartmentPlan = {
  readonly id: string;
  readonly name: string;
  /** First letters of its product codes. */
  readonly prefix: string;
  readonly tax: 'standard' | 'reduced' | 'zero';
  /** Of a hundred products, about how many are here. */
  readonly share: number;
  readonly kind: DepartmentKind;
  readonly families: readonly Family[];
};

const grams = ['100 g', '250 g', '500 g', '1 kg'] as const;
const litres = ['250 ml', '500 ml', '750 ml', '1 l', '1.5 l'] as const;
const packs = ['single', '2-pack', '4-pack', '6-pack'] as const;
const kilo = ['per kg'] as const;

const family = (
  noun: string,
  varieties: string,
  sizes: readonly string[],
  low: number,
  high: number,
): Family => ({ noun, varieties: varieties.split(', '), sizes, cents: [low, high] });

export const departments: readonly DepartmentPlan[] = [
  {
    id: 'bakery',
    name: 'Bakery',
    prefix: 'BK',
    tax: 'reduced',
    share: 7,
    kind: 'plain',
    families: [
      family('Bread', 'Sourdough, Rye, Wholemeal, Spelt, Walnut', ['400 g', '800 g'], 189, 449),
      family('Rolls', 'Poppy, Sesame, Plain, Pumpkin Seed', packs, 59, 129),
      family('Croissant', 'Butter, Almond, Chocolate', packs, 109, 249),
      family('Cake', 'Lemon, Carrot, Marble, Cherry, Honey', ['slice', 'whole'], 249, 599),
    ],
  },
  {
    id: 'dairy',
    name: 'Dairy',
    prefix: 'DY',
    tax: 'reduced',
    share: 9,
    kind: 'batches',
    families: [
      family(
        'Milk',
        'Whole, Skimmed, Oat, Goat’s, Lactose-free',
        ['500 ml', '1 l', '2 l'],
        79,
        189,
      ),
      family(
        'Yoghurt',
        'Natural, Strawberry, Vanilla, Mango, Fig',
        ['150 g', '500 g', '1 kg'],
        65,
        149,
      ),
      family('Butter', 'Salted, Unsalted, Garlic', ['125 g', '250 g'], 149, 279),
      family('Cream Cheese', 'Plain, Chive, Pepper, Horseradish', ['150 g', '300 g'], 139, 259),
    ],
  },
  {
    id: 'produce',
    name: 'Fruit and vegetables',
    prefix: 'FV',
    tax: 'reduced',
    share: 6,
    kind: 'weighed',
    families: [
      family('Apples', 'Russet, Red, Green, Cooking, Pink', kilo, 179, 399),
      family('Pears', 'Winter, Butter, Asian', kilo, 219, 429),
      family('Tomatoes', 'Vine, Beef, Cherry, Plum', kilo, 249, 599),
      family('Potatoes', 'New, Waxy, Floury, Sweet, Blue', kilo, 99, 299),
      family('Grapes', 'Red, White, Black', kilo, 299, 699),
      family('Carrots', 'Bunched, Washed, Purple', kilo, 109, 249),
    ],
  },
  {
    id: 'counter',
    name: 'Cheese and deli counter',
    prefix: 'DC',
    tax: 'reduced',
    share: 5,
    kind: 'weighed',
    families: [
      family('Cheese', 'Mountain, Blue, Smoked, Goat’s, Mature, Washed-rind', kilo, 1190, 3490),
      family('Olives', 'Green, Black, Stuffed, Herbed', kilo, 890, 1890),
      family('Salami', 'Fennel, Pepper, Truffle, Mild', kilo, 1690, 3290),
      family('Ham', 'Cooked, Smoked, Air-dried', kilo, 1490, 3990),
    ],
  },
  {
    id: 'grocery',
    name: 'Grocery',
    prefix: 'GR',
    tax: 'reduced',
    share: 24,
    kind: 'plain',
    families: [
      family(
        'Pasta',
        'Penne, Spaghetti, Fusilli, Farfalle, Wholewheat',
        ['500 g', '1 kg'],
        99,
        289,
      ),
      family(
        'Rice',
        'Long-grain, Jasmine, Round, Wild, Brown',
        ['500 g', '1 kg', '5 kg'],
        139,
        349,
      ),
      family(
        'Jam',
        'Strawberry, Apricot, Plum, Quince, Fig, Blackberry',
        ['210 g', '340 g'],
        189,
        429,
      ),
      family('Honey', 'Forest, Lime-blossom, Heather, Chestnut', ['250 g', '500 g'], 399, 899),
      family('Soup', 'Lentil, Pumpkin, Tomato, Minestrone, Pea', ['400 g', '800 g'], 169, 329),
      family(
        'Olive Oil',
        'Mild, Fruity, Peppery, Unfiltered',
        ['250 ml', '500 ml', '1 l'],
        449,
        1299,
      ),
      family('Biscuits', 'Oat, Ginger, Butter, Cocoa, Almond', ['150 g', '300 g'], 129, 349),
      family('Beans', 'Borlotti, Black, White, Kidney', ['400 g', '800 g'], 89, 199),
      family(
        'Spice',
        'Cumin, Paprika, Turmeric, Sumac, Nutmeg, Saffron',
        ['30 g', '60 g'],
        149,
        699,
      ),
    ],
  },
  {
    id: 'drinks',
    name: 'Drinks',
    prefix: 'DR',
    tax: 'standard',
    share: 12,
    kind: 'plain',
    families: [
      family(
        'Tea',
        'Black, Green, Mint, Chamomile, Smoky, Rooibos',
        ['20 bags', '80 bags', '250 g'],
        189,
        499,
      ),
      family('Coffee', 'Dark Roast, Medium Roast, Decaf, Single Farm', grams, 349, 749),
      family('Lemonade', 'Lemon, Ginger, Elderflower, Rhubarb', litres, 129, 299),
      family('Juice', 'Apple, Orange, Pear, Grape, Tomato', litres, 149, 329),
      family('Water', 'Still, Sparkling, Lightly Sparkling', litres, 59, 109),
    ],
  },
  {
    id: 'household',
    name: 'Household',
    prefix: 'HH',
    tax: 'standard',
    share: 11,
    kind: 'plain',
    families: [
      family('Washing Powder', 'Colour, White, Sensitive', ['1 kg', '2.5 kg'], 449, 899),
      family('Washing-up Liquid', 'Lemon, Lavender, Unscented', litres, 149, 329),
      family('Candle', 'Beeswax, White, Red, Scented', packs, 199, 699),
      family('Kitchen Roll', 'Plain, Recycled', packs, 129, 259),
      family('Tea Towel', 'Striped, Checked, Linen', packs, 399, 999),
      family('Light Bulb', 'Warm White, Cool White, Candle-shape', packs, 299, 799),
    ],
  },
  {
    id: 'care',
    name: 'Health and beauty',
    prefix: 'HB',
    tax: 'standard',
    share: 8,
    kind: 'batches',
    families: [
      family('Soap', 'Olive, Rose, Sea Salt, Oat', packs, 199, 549),
      family(
        'Shampoo',
        'Nettle, Camomile, Everyday, Anti-dandruff',
        ['200 ml', '400 ml'],
        299,
        799,
      ),
      family('Toothpaste', 'Mint, Sage, Children’s', ['75 ml', '125 ml'], 149, 449),
      family('Sun Cream', 'Factor 15, Factor 30, Factor 50', ['100 ml', '200 ml'], 699, 1599),
      family('Plasters', 'Fabric, Waterproof, Children’s', ['20 pieces', '40 pieces'], 199, 499),
    ],
  },
  {
    id: 'books',
    name: 'Books and papers',
    prefix: 'BP',
    tax: 'zero',
    share: 5,
    kind: 'plain',
    families: [
      family(
        'Picture Book',
        'Farmyard, Harbour, Night Sky, Railway',
        ['paperback', 'hardback'],
        599,
        1299,
      ),
      family('Cookbook', 'Baking, Soups, Preserves, Bread', ['paperback', 'hardback'], 999, 2499),
      family('Map', 'Coast, Hills, Town, Cycling', ['folded', 'laminated'], 499, 1099),
    ],
  },
  {
    id: 'gifts',
    name: 'Gifts and home',
    prefix: 'GH',
    tax: 'standard',
    share: 13,
    kind: 'plain',
    families: [
      family('Mug', 'Striped, Spotted, Harbour, Birds, Plain', packs, 499, 1299),
      family('Lantern', 'Brass, Zinc, White, Glass', ['small', 'medium', 'large'], 899, 2499),
      family('Greeting Card', 'Birthday, Thank-you, Wedding, New Baby, Blank', packs, 149, 399),
      family('Cushion', 'Linen, Velvet, Wool, Patchwork', ['40 cm', '50 cm', '60 cm'], 1299, 3499),
      family(
        'Picture Frame',
        'Oak, Walnut, Black, White',
        ['10 × 15', '13 × 18', '20 × 30'],
        699,
        1999,
      ),
      family(
        'Jigsaw',
        'Harbour, Market, Animals, World Map',
        ['100 pieces', '500 pieces', '1,000 pieces'],
        899,
        1999,
      ),
    ],
  },
];

export const brands: readonly string[] = [
  'Alderbrook',
  'Amberlea',
  'Bellwether',
  'Birchmoor',
  'Bramble & Co',
  'Bluegate',
  'Castleford Lane',
  'Cloverfield',
  'Copperpot',
  'Corner Mill',
  'Dovecote',
  'Drumlin',
  'Eastquay',
  'Elmhurst Row',
  'Fennimore',
  'Fernhollow',
  'Foxley',
  'Gablestone',
  'Goldfinch',
  'Greywharf',
  'Halcyon Yard',
  'Hartwell Dale',
  'Hearthside',
  'Inglenook',
  'Juniper Hill',
  'Kettle & Vine',
  'Kingsmead',
  'Larkspur',
  'Lighthouse',
  'Lindenholm',
  'Marlowe Bay',
  'Meadowsweet',
  'Millstream',
  'Moorgate',
  'Nightingale',
  'Northlight',
  'Oakhanger',
  'Old Pier',
  'Orchard End',
  'Pebble Cove',
  'Pinewick',
  'Quarterdeck',
  'Quillon',
  'Ravensmere',
  'Riverbend',
  'Rosethorn',
  'Saltmarsh',
  'Silverbirch',
  'Stonecrop',
  'Sunnyside',
  'Tallow & Wick',
  'Thistledown',
  'Tidewater',
  'Underhill',
  'Valecross',
  'Wayfarer',
  'Westering',
  'Wildgoose',
  'Willowmere',
  'Yarrow',
];

/** A kit's name begins with one of these. */
export const kitNames: readonly string[] = [
  'Breakfast Hamper',
  'Tea Time Set',
  'Harbour Picnic',
  'Housewarming Basket',
  'Baker’s Starter Set',
  'Cheese Board Companion',
  'Rainy Day Box',
  'Thank-you Basket',
  'Winter Warmer',
  'New Baby Gift Set',
];

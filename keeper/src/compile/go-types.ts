/** Types of Go: as the module's user sees them, and as they stand in JSON where durations are numbers. */

export type DurationUnit = 'ms' | 's' | 'min' | 'h'

export type GoType =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'struct'; readonly name: string }
  | { readonly kind: 'duration'; readonly unit: DurationUnit }
  | { readonly kind: 'slice' | 'map' | 'pointer'; readonly of: GoType }

export interface GoField {
  readonly key: string
  readonly name: string
  readonly type: GoType
  readonly isOptional: boolean
  readonly comment: string
}

export const plain = (text: string): GoType => ({ kind: 'plain', text })
export const any = plain('any')

const prefixes = { slice: '[]', map: 'map[string]', pointer: '*' } as const
const wireTypes: Readonly<Record<DurationUnit, string>> = {
  ms: 'keeperMilliseconds',
  s: 'keeperSeconds',
  min: 'keeperMinutes',
  h: 'keeperHours',
}
const goUnits: Readonly<Record<DurationUnit, string>> = {
  ms: 'time.Millisecond',
  s: 'time.Second',
  min: 'time.Minute',
  h: 'time.Hour',
}

/** The type as the user of the module sees it. */
export const realType = (type: GoType): string => written(type, () => 'time.Duration')

/** The type as it stands in JSON. */
export const wireType = (type: GoType): string => written(type, (unit) => wireTypes[unit])

function written(type: GoType, duration: (unit: DurationUnit) => string): string {
  if (type.kind === 'plain') return type.text
  if (type.kind === 'struct') return type.name
  if (type.kind === 'duration') return duration(type.unit)
  return prefixes[type.kind] + written(type.of, duration)
}

/** The unit of the durations within, not looking into structs, which convert themselves. */
export function durationIn(type: GoType): DurationUnit | undefined {
  if (type.kind === 'duration') return type.unit
  return 'of' in type ? durationIn(type.of) : undefined
}

/** An expression that turns `value` from one form into the other, in a line indented by `tabs`. */
export function converted(type: GoType, value: string, to: 'real' | 'wire', tabs = '\t'): string {
  if (!('of' in type)) return `${to === 'real' ? realType(type) : wireType(type)}(${value})`
  const [from, into] = to === 'real' ? [wireType(type.of), realType(type.of)] : [realType(type.of), wireType(type.of)]
  const inner = converted(type.of, 'one', to, `${tabs}\t`)
  return `${helpers[type.kind].name}(${value}, func(one ${from}) ${into} {\n${tabs}\treturn ${inner}\n${tabs}})`
}

export const helpers = {
  slice: {
    name: 'keeperSlice',
    text: `func keeperSlice[A, B any](from []A, convert func(A) B) []B {
	if from == nil {
		return nil
	}
	into := make([]B, len(from))
	for at, one := range from {
		into[at] = convert(one)
	}
	return into
}`,
  },
  map: {
    name: 'keeperMap',
    text: `func keeperMap[A, B any](from map[string]A, convert func(A) B) map[string]B {
	if from == nil {
		return nil
	}
	into := make(map[string]B, len(from))
	for key, one := range from {
		into[key] = convert(one)
	}
	return into
}`,
  },
  pointer: {
    name: 'keeperPointer',
    text: `func keeperPointer[A, B any](from *A, convert func(A) B) *B {
	if from == nil {
		return nil
	}
	into := convert(*from)
	return &into
}`,
  },
} as const

/** The type that stands for a duration in JSON, with what makes it a number of its unit. */
export const wireDeclaration = (unit: DurationUnit): string => `type ${wireTypes[unit]} time.Duration

func (d ${wireTypes[unit]}) MarshalJSON() ([]byte, error) {
	return keeperMarshalDuration(time.Duration(d), ${goUnits[unit]})
}

func (d *${wireTypes[unit]}) UnmarshalJSON(data []byte) error {
	return keeperUnmarshalDuration((*time.Duration)(d), data, ${goUnits[unit]})
}`

export const durationFunctions = `func keeperMarshalDuration(d, unit time.Duration) ([]byte, error) {
	if d%unit == 0 {
		return strconv.AppendInt(nil, int64(d/unit), 10), nil
	}
	return strconv.AppendFloat(nil, float64(d)/float64(unit), 'f', -1, 64), nil
}

func keeperUnmarshalDuration(d *time.Duration, data []byte, unit time.Duration) error {
	if string(data) == "null" {
		return nil
	}
	whole, err := strconv.ParseInt(string(data), 10, 64)
	if most := math.MaxInt64 / int64(unit); err == nil && whole <= most && whole >= -most {
		*d = time.Duration(whole) * unit
		return nil
	}
	number, err := strconv.ParseFloat(string(data), 64)
	if err != nil || math.Abs(number*float64(unit)) >= math.MaxInt64 {
		return fmt.Errorf("%s is no duration in units of %v", data, unit)
	}
	*d = time.Duration(math.Round(number * float64(unit)))
	return nil
}`

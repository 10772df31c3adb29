interface TabsProps<V extends string> {
  /** Said to whoever cannot see them side by side. */
  label: string;
  value: V;
  options: readonly { value: V; label: string }[];
  onChange(value: NoInfer<V>): void;
}

/** One of a few, all in view. */
export function Tabs<V extends string>({ label, value, options, onChange }: TabsProps<V>) {
  return (
    <fieldset class="tabs" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}

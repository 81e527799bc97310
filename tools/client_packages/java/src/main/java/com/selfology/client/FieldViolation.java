package com.selfology.client;

/**
 * What is wrong with a field of the request.
 *
 * @param field a path: "answers[2].text"
 * @param description what the field must be
 */
public record FieldViolation(String field, String description) {}
